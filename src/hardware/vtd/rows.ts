// Size of the table of rows that the quick walk keeps ready.
export const ROWS = 4096;
