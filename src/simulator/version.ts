/** The API version that every answer and event carries. */
export const API_VERSION = "2026-10-28.endive";
