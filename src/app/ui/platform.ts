// What the reader's keyboard calls its main modifier.
export const ON_A_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);
