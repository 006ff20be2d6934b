#include "phyllo/core/keyed_hash.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "phyllo/core/environment.hpp"

namespace phyllo::core {
namespace {

struct sip_state {
  std::uint64_t v0, v1, v2, v3;

  explicit sip_state(const hash_key& k) noexcept
      : v0(k.first ^ 0x736f6d6570736575),
        v1(k.second ^ 0x646f72616e646f6d),
        v2(k.first ^ 0x6c7967656e657261),
        v3(k.second ^ 0x7465646279746573) {}

  void round() noexcept {
    v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
  }

  void take(std::uint64_t word) noexcept {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  }

  std::uint64_t finish() noexcept {
    v2 ^= 0xff;
    round(), round(), round(), round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

std::uint64_t little_endian(byte_view octets) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) word |= std::uint64_t{octets[i]} << (8 * i);
  return word;
}

std::uint64_t little_endian_word(const std::uint8_t* octets) noexcept {
  if constexpr (std::endian::native != std::endian::little) return little_endian({octets, 8});
  std::uint64_t word = 0;
  std::memcpy(&word, octets, sizeof word);
  return word;
}

}  // namespace

hash_key random_hash_key(environment& env) { return {random_u64(env), random_u64(env)}; }

std::uint64_t keyed_hash(const hash_key& key, byte_view data) noexcept {
  sip_state state(key);
  const auto length = data.size();
  for (; data.size() >= 8; data = data.subspan(8)) state.take(little_endian_word(data.data()));
  state.take(little_endian(data) | std::uint64_t{length} << 56);
  return state.finish();
}

std::uint64_t keyed_hash(const hash_key& key, std::string_view text) noexcept { return keyed_hash(key, as_bytes(text)); }

std::uint64_t keyed_hash(const hash_key& key, std::uint64_t number) noexcept {
  sip_state state(key);  // of its octets, the lowest first
  state.take(number);
  state.take(std::uint64_t{sizeof number} << 56);
  return state.finish();
}

}  // namespace phyllo::core
