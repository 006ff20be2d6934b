#include "twin_watch.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace phyllo::node {
namespace {

// incarnation · token, hexadecimal · turn
std::optional<twin_watch::life> life_of(std::string_view mark) {
  twin_watch::life l;
  const auto* end = mark.data() + mark.size();
  const auto first = std::from_chars(mark.data(), end, l.incarnation);
  if (first.ec != std::errc() || first.ptr == end) return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, l.token, 16);
  if (second.ec != std::errc()) return std::nullopt;
  return l;
}

}  // namespace

std::string twin_watch::next_mark() { return fmt::format("{} {:016x} {}", own_.incarnation, own_.token, ++turn_); }

void twin_watch::saw(std::string_view mark) {
  const auto writer = life_of(mark);
  if (!writer || *writer == own_) {
    if (++quiet_ >= forgotten_after) marks_ = 0;
    return;
  }
  quiet_ = 0;
  if (mark == last_) return;
  if (*writer != other_) marks_ = 0;
  other_ = *writer;
  last_ = mark;
  ++marks_;
}

twin_watch::verdict twin_watch::judge() const noexcept {
  if (marks_ < enough) return verdict::alone;
  return own_ < other_ ? verdict::older : verdict::younger;
}

}  // namespace phyllo::node
