/** The source of an order that names none. */
export const defaultSource = "default";
