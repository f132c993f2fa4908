// One after the other: each deletes the topics of state that runs of the bench have left, whoever's they are.
import "./workloads.ts";
import "./nexmark.ts";
