#include "phyllo/disk/errc.hpp"

namespace phyllo::disk {
namespace {

const core::error_table<1> table{"disk", {"input or output failed"}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

}  // namespace phyllo::disk
