#include "transaction_branch.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "message_fields.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::sip {
namespace {

constexpr std::string_view branch_cookie = "z9hG4bK";  // RFC 3261 s.8.1.1.7
using unique_octets = std::array<std::uint8_t, 13>;

std::string branch_of(unique_octets unique, std::uint8_t shard) {
  unique[0] = shard;
  return std::string(branch_cookie) + core::to_hex(unique);
}

}  // namespace

std::string make_branch(core::environment& env, std::uint8_t shard) {
  unique_octets unique{};
  env.random(unique);
  return branch_of(unique, shard);
}

std::string stateless_branch(core::environment& env, std::uint8_t shard, const message& request) {
  const auto previous = top_via(request);
  if (!previous || !previous->has_magic_cookie()) return make_branch(env, shard);
  const auto text = std::string(previous->branch) + '|' + std::string(previous->host) + '|' + std::to_string(previous->port) + '|' +
                    std::string(previous->received) + '|' + std::string(request.call_id());
  const auto digest = identity::sha256(core::as_bytes(text));
  unique_octets unique{};
  std::copy_n(digest.begin(), unique.size(), unique.begin());
  return branch_of(unique, shard);
}

std::optional<unsigned> shard_of_branch(const message& response) {
  const auto top = top_via(response);
  if (!top || top->branch.size() != branch_cookie.size() + 2 * sizeof(unique_octets) || !top->has_magic_cookie()) return std::nullopt;
  unsigned shard = 0;
  const auto digits = top->branch.substr(branch_cookie.size(), 2);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), shard, 16);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return shard;
}

}  // namespace phyllo::sip
