/** Under which topics do doors and gateway meet? */

export const CONTENT_TYPE = "application/jose";

export const records = (device: string): string => `calltime/v1/${device}/records`;
export const receipts = (device: string): string => `calltime/v1/${device}/receipts`;
export const status = (device: string): string => `calltime/v1/${device}/status`;
export const config = (device: string): string => `calltime/v1/${device}/config`;
