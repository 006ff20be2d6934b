// The metrics that Prometheus' own client libraries give of a process: CPU, memory, descriptors, start.
#pragma once

#include <string>

namespace phyllo::node {

// process_*, of this process, in Prometheus' text format. What the system does not tell is left out.
[[nodiscard]] std::string process_metrics_text();

}  // namespace phyllo::node
