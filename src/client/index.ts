export { createPublisher, type Publisher } from "./publisher.ts";
