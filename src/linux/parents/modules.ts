// Every module of this folder, so that one import makes all their functions known.
import "./dmatest.ts";
import "./idxd/probe.ts";
import "./idxd/regions.ts";
import "./samples/displays.ts";
import "./samples/mtty.ts";
