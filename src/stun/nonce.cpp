#include "phyllo/stun/nonce.hpp"

#include <algorithm>
#include <optional>

#include "phyllo/identity/digest.hpp"
#include "phyllo/stun/value.hpp"

namespace phyllo::stun {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t features_at = nonce_cookie.size();
constexpr std::size_t sealed_at = features_at + 4;
constexpr std::size_t mac_size = 11;  // 88 bits: a guess costs a request each

// RFC 4648 s.4 of a multiple of three octets: no padding, no memory.
void encode(core::byte_view octets, char* to) noexcept {
  for (std::size_t i = 0; i + 2 < octets.size(); i += 3) {
    const unsigned group = static_cast<unsigned>(octets[i]) << 16 | static_cast<unsigned>(octets[i + 1]) << 8 | octets[i + 2];
    for (const unsigned shift : {18U, 12U, 6U, 0U}) *to++ = digits[group >> shift & 63];
  }
}

// The number that up to five characters say; nullopt: another character is among them.
std::optional<std::uint32_t> decode(std::string_view text) noexcept {
  std::uint32_t out = 0;
  for (const char c : text) {
    const auto at = digits.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    out = out << 6 | static_cast<std::uint32_t>(at);
  }
  return out;
}

std::uint32_t seconds_of(core::time_point t) noexcept {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count());
}

}  // namespace

std::uint32_t features_of(std::string_view nonce) noexcept {
  if (!nonce.starts_with(nonce_cookie) || nonce.size() < sealed_at) return 0;
  return decode(nonce.substr(features_at, 4)).value_or(0);
}

nonce_maker::text nonce_maker::sealed(std::uint32_t seconds, const core::endpoint& client) const {
  std::array<std::uint8_t, 4 + mac_size> octets{};
  std::array<std::uint8_t, 3> features{};
  for (std::size_t i = 0; i < 4; ++i) octets[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
  for (std::size_t i = 0; i < 3; ++i) features[i] = static_cast<std::uint8_t>(features_ >> (16 - 8 * i));
  std::array<std::uint8_t, 20> address{};
  const auto written = write_address(address, client);
  const auto mac = identity::hmac_sha256(key_, {core::byte_view(octets).first(4), features, core::byte_view(address).first(written)});
  std::copy_n(mac.begin(), mac_size, octets.begin() + 4);
  text out;
  std::ranges::copy(nonce_cookie, out.begin());
  encode(features, out.data() + features_at);
  encode(octets, out.data() + sealed_at);
  return out;
}

nonce_maker::text nonce_maker::make(const core::endpoint& client, core::time_point now) const { return sealed(seconds_of(now), client); }

bool nonce_maker::good(std::string_view nonce, const core::endpoint& client, core::time_point now) const {
  if (nonce.size() != size) return false;
  const auto high = decode(nonce.substr(sealed_at, 4));
  const auto low = decode(nonce.substr(sealed_at + 4, 2));  // twelve bits, of which eight are the time's
  if (!high || !low) return false;
  const auto seconds = *high << 8 | *low >> 4;
  const auto made = sealed(seconds, client);
  const auto age = seconds_of(now) - seconds;  // of one from the future very large
  return identity::constant_time_equal(core::as_bytes(nonce), core::as_bytes({made.data(), made.size()})) && age <= lifetime_.count();
}

}  // namespace phyllo::stun
