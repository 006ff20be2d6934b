#include "assembly/twin_watch.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace phyllo::node {
namespace {

struct written_mark {
  twin_watch::life by;
  unsigned turn = 0;
};

// incarnation · token, hexadecimal · turn
std::optional<written_mark> read(std::string_view mark) {
  written_mark m;
  const auto* end = mark.data() + mark.size();
  const auto first = std::from_chars(mark.data(), end, m.by.incarnation);
  if (first.ec != std::errc() || first.ptr == end) return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, m.by.token, 16);
  if (second.ec != std::errc() || second.ptr == end) return std::nullopt;
  if (std::from_chars(second.ptr + 1, end, m.turn).ec != std::errc()) return std::nullopt;
  return m;
}

}  // namespace

std::string twin_watch::next_mark() { return fmt::format("{} {:016x} {}", own_.incarnation, own_.token, ++turn_); }

void twin_watch::saw(std::string_view mark) {
  const auto m = read(mark);
  const bool known = m && m->by == other_ && marks_ > 0;
  if (!m || m->by == own_ || (known && m->turn <= other_turn_)) {
    if (++quiet_ >= forgotten_after) marks_ = 0;
    return;
  }
  quiet_ = 0;
  if (!known) marks_ = 0;
  other_ = m->by;
  other_turn_ = m->turn;
  ++marks_;
}

twin_watch::verdict twin_watch::judge() const noexcept {
  if (marks_ < enough) return verdict::alone;
  return own_ < other_ ? verdict::older : verdict::younger;
}

}  // namespace phyllo::node
