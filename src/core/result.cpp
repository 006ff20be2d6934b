#include "phyllo/core/result.hpp"

#include "phyllo/core/errc.hpp"

namespace phyllo::core {
namespace {

const error_table<7> table{
    "core", {"timed out", "cancelled", "closed", "no room", "malformed input", "the operating system refused", "argument out of range"}};

}  // namespace

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), table}; }

std::string error::message() const {
  auto text = code_.message();
  if (!detail_.empty()) text += ": " + detail_;
  return text;
}

error error::at(std::string_view where) const {
  std::string detail(where);
  if (!detail_.empty()) detail += ": " + detail_;
  return error(code_, std::move(detail));
}

}  // namespace phyllo::core
