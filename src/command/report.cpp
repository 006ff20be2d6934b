#include "report.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "phyllo/node/json_text.hpp"

namespace phyllo::command {

exit_code report(const core::error& e, bool json) {
  if (json) {
    const nlohmann::json out{{"error", node::error_token(e)}, {"message", e.message()}};
    std::puts(node::printed(out).c_str());
  } else {
    std::istringstream lines(e.detail());  // of several errors a line each
    std::string line;
    std::getline(lines, line);
    do {
      std::fprintf(stderr, "supernode: %s\n", core::error(e.code(), line).message().c_str());
    } while (std::getline(lines, line));
  }
  return node::exit_code_of(e);
}

exit_code finish(const core::status& s, bool json) { return s ? exit_code::ok : report(s.error(), json); }

}  // namespace phyllo::command
