#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "phyllo/core/errc.hpp"
#include "phyllo/transport/ladder.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t network_bytes_max = 64;

// The next word, which it takes away.
std::string_view word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto out = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return out;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

bool is_network(std::string_view text) {
  return !text.empty() && text.size() <= network_bytes_max && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

rung_memory rung_memory::parse(std::string_view text) {
  rung_memory out;
  while (!text.empty() && out.entries_.size() < networks_max) {  // each turn takes a line
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto network = word(line);
    const auto won = rung_of(word(line));
    const auto at = number(line);
    if (is_network(network) && won && at) out.entries_.insert_or_assign(std::string(network), entry{*won, *at, 0});
  }
  return out;
}

std::string rung_memory::print() const {
  std::string out;
  for (const auto& [network, e] : entries_) out += fmt::format("{} {} {}\n", network, text_of(e.won), e.at);
  return out;
}

std::optional<rung> rung_memory::winner(const std::string& network) const {
  const auto e = entries_.find(network);
  if (e == entries_.end()) return std::nullopt;
  return e->second.won;
}

bool rung_memory::note(const std::string& network, rung r, core::wall_time now) {
  if (!is_network(network)) return false;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const auto [known, first] = entries_.try_emplace(network, entry{r, seconds, 0});
  auto& e = known->second;
  e.at = seconds;
  e.doubts = r > e.won ? e.doubts + 1 : 0;
  const bool news = first || r < e.won || e.doubts >= doubts_max;
  if (news) e = {r, seconds, 0};
  if (entries_.size() > networks_max) {
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& of_network) { return of_network.second.at; }));
  }
  return news;
}

}  // namespace phyllo::transport
