declare const MAP_WORKER: string;
declare module "*.css";
