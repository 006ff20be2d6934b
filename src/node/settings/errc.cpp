#include "phyllo/node/errc.hpp"

namespace phyllo::node {
namespace {

const core::error_table<8> table{"node",
                                 {"wrong configuration", "wrong usage", "no running node", "not found", "refused", "timed out",
                                  "malformed input", "input or output failed"}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

exit_code to_exit_code(errc code) noexcept {
  switch (code) {
    case errc::configuration:
    case errc::usage:
    case errc::malformed:
    case errc::io: return exit_code::usage;
    case errc::no_running_node: return exit_code::no_running_node;
    case errc::not_found: return exit_code::not_found;
    case errc::refused: return exit_code::refused;
    case errc::timed_out: return exit_code::timed_out;
  }
  return exit_code::refused;
}

}  // namespace phyllo::node
