#include "batch.hpp"

#include <fmt/format.h>

#include "phyllo/disk/errc.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::command {

core::result<std::optional<batch_line>> batch_reader::next() {
  for (std::string text; std::getline(in_, text);) {
    ++number_;
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) continue;
    const auto tab = text.find('\t');
    if (writes_ && (tab == std::string::npos || tab == 0))
      return core::fail(node::errc::malformed, fmt::format("line {}: expected NAME<TAB>VALUE", number_));
    if (!writes_ && tab != std::string::npos)
      return core::fail(node::errc::malformed, fmt::format("line {}: expected NAME alone, without a tab", number_));
    batch_line line{number_, text.substr(0, tab), {}};
    if (writes_) line.value = text.substr(tab + 1);
    return std::optional(std::move(line));
  }
  if (in_.bad() && !broken_) {
    broken_ = true;
    return core::fail(disk::errc::io, fmt::format("line {}: can not be read", number_ + 1));
  }
  return std::optional<batch_line>();
}

}  // namespace phyllo::command
