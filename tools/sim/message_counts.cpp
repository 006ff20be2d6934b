#include "message_counts.hpp"

#include <fmt/format.h>

#include <utility>

namespace phyllo::simulate {
namespace {

constexpr std::size_t transaction_at = 20, lists_at = 32, fixed_header = 38;
constexpr std::uint8_t resource_destination = 2;
constexpr std::uint16_t ping_req = 0x17;
constexpr std::size_t set_max = 20'000;

std::uint64_t number(core::byte_view data, std::size_t at, std::size_t octets) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < octets; ++i) v = v << 8 | data[at + i];
  return v;
}

// RFC 6940 s.14.8.
std::string name(std::size_t code) {
  static const std::map<std::size_t, std::string> requests{{0x01, "probe"},  {0x03, "attach"},      {0x0f, "join"}, {0x11, "leave"},
                                                           {0x13, "update"}, {0x15, "route_query"}, {0x17, "ping"}};
  if (code == 0) return "error";
  const auto request = requests.find(code % 2 == 1 ? code : code - 1);
  return request == requests.end() ? fmt::format("code {}", code) : request->second + (code % 2 == 1 ? "" : "_answer");
}

}  // namespace

bool message_counts::note(core::byte_view message) {
  if (message.size() < fixed_header) return false;
  const auto via = number(message, lists_at, 2);
  const auto payload = fixed_header + via + number(message, lists_at + 2, 2) + number(message, lists_at + 4, 2);
  if (message.size() < payload + 2 || message.size() <= fixed_header + via) return false;
  const auto code = static_cast<std::uint16_t>(number(message, payload, 2));
  const bool to_resource = message[fixed_header + via] == resource_destination;
  if (of_lookup(code, number(message, transaction_at, 8), to_resource)) {
    ++lookups_;
  } else {
    ++maintenance_;
    ++by_code_[code < codes ? code : 0];
  }
  return via != 0;
}

bool message_counts::of_lookup(std::uint16_t code, std::uint64_t transaction, bool to_resource) {
  if (code == ping_req && to_resource) {
    recent_.insert(transaction);
    if (recent_.size() >= set_max) older_ = std::exchange(recent_, {});
    return true;
  }
  return code == ping_req + 1 && (recent_.contains(transaction) || older_.contains(transaction));
}

std::map<std::string, std::uint64_t> message_counts::by_name() const {
  std::map<std::string, std::uint64_t> out;
  for (std::size_t c = 0; c < codes; ++c) {
    if (by_code_[c] != 0) out[name(c)] += by_code_[c];
  }
  return out;
}

void message_counts::reset() {
  lookups_ = maintenance_ = 0;
  by_code_.fill(0);
}

}  // namespace phyllo::simulate
