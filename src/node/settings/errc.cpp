#include "phyllo/node/errc.hpp"

namespace phyllo::node {
namespace {

const core::error_table<7> table{
    "node", {"wrong configuration", "wrong usage", "no running node", "not found", "refused", "timed out", "malformed input"}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

}  // namespace phyllo::node
