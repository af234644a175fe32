/** Lines to print wherever the data or something derived from it is shown. */
export const electricityMapsLine = "Data © Electricity Maps (www.electricitymaps.com), ODbL 1.0";
export const onSiteLine = "Generation by source: CarbonCast (UMass Amherst), BSD-3-Clause";
export const serveGenLine = "LLM request rates: ServeGen (Alibaba), Apache-2.0";
export const wikipediaLine = "Page views: Wikimedia analytics data, CC0";
export const phillyLine = "Job sizes: Microsoft Philly traces, CC BY 4.0, via ElasticFlow, Apache-2.0";
