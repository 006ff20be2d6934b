#include "transaction_branch.hpp"

#include <algorithm>
#include <array>

#include "message_fields.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::sip {
namespace {

using unique_octets = std::array<std::uint8_t, 13>;

std::string branch_of(unique_octets unique, std::uint8_t shard) {
  unique[0] = shard;
  return "z9hG4bK" + core::to_hex(unique);
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

}  // namespace phyllo::sip
