#include "nonce.hpp"

#include <utility>

#include "phyllo/identity/digest.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t time_octets = 6;
constexpr std::size_t mac_octets = 12;
constexpr std::size_t nonce_octets = time_octets + std::tuple_size_v<nonce_book::salt> + mac_octets;
constexpr std::uint32_t window = 64;
// A nonce from the future is a forgery, or of a node whose clock is ahead: so much is forgiven.
constexpr std::uint64_t clock_skew_ms = 5000;

}  // namespace

nonce_book::nonce_book(std::chrono::milliseconds lifetime, core::wall_time began, std::size_t remembered_max)
    : lifetime_(lifetime), remembered_max_(remembered_max) {
  if (began > core::wall_time()) floor_ms_ = core::unix_milliseconds(began) - 1;
}

std::string nonce_book::sealed(core::byte_view key, const identity& id, std::string_view bound_to) {
  core::bytes out;
  for (int shift = 40; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(id.issued_ms >> shift));
  core::append(out, id.salt);
  core::bytes covered = out;
  core::append(covered, core::as_bytes(bound_to));
  const auto mac = phyllo::identity::hmac_sha256(key, covered);
  core::append(out, core::byte_view(mac).first(mac_octets));
  return core::to_hex(out);
}

std::optional<nonce_book::identity> nonce_book::opened(std::span<const core::byte_view> keys, std::string_view nonce,
                                                       std::string_view bound_to) {
  if (nonce.size() != 2 * nonce_octets) return std::nullopt;
  const auto raw = core::from_hex(nonce);
  if (!raw) return std::nullopt;
  identity id;
  for (std::size_t i = 0; i < time_octets; ++i) id.issued_ms = id.issued_ms << 8 | (*raw)[i];
  for (std::size_t i = 0; i < id.salt.size(); ++i) id.salt[i] = (*raw)[time_octets + i];
  for (const auto key : keys) {
    if (phyllo::identity::constant_time_equal(core::as_bytes(sealed(key, id, bound_to)), core::as_bytes(nonce))) return id;
  }
  return std::nullopt;
}

bool nonce_book::timely(const identity& id, std::uint64_t now_ms) const {
  return id.issued_ms > floor_ms_ && id.issued_ms <= now_ms + clock_skew_ms &&
         id.issued_ms + static_cast<std::uint64_t>(lifetime_.count()) >= now_ms;
}

nonce_book::age nonce_book::age_of(std::span<const core::byte_view> keys, std::string_view nonce, core::wall_time now,
                                   std::string_view bound_to) const {
  const auto id = opened(keys, nonce, bound_to);
  if (!id) return age::foreign;
  return timely(*id, core::unix_milliseconds(now)) ? age::good : age::old;
}

std::string nonce_book::make(core::byte_view key, core::wall_time now, const salt& s, std::string_view bound_to) {
  return sealed(key, {core::unix_milliseconds(now), s}, bound_to);
}

bool nonce_book::use(std::span<const core::byte_view> keys, std::string_view nonce, std::uint32_t count, core::wall_time now,
                     std::string_view bound_to) {
  const auto now_ms = core::unix_milliseconds(now);
  forget(now_ms);
  const auto id = opened(keys, nonce, bound_to);
  if (!id || count == 0 || !timely(*id, now_ms)) return false;
  return mark(seen_[*id], count);
}

void nonce_book::forget(std::uint64_t now_ms) {
  const auto lifetime = static_cast<std::uint64_t>(lifetime_.count());
  while (!seen_.empty() && seen_.begin()->first.issued_ms + lifetime < now_ms) seen_.erase(seen_.begin());
  while (seen_.size() >= remembered_max_) {  // ends: each round removes one
    floor_ms_ = std::max(floor_ms_, seen_.begin()->first.issued_ms);
    seen_.erase(seen_.begin());
  }
}

bool nonce_book::mark(counts& c, std::uint32_t count) {
  if (count > c.highest) {
    const auto step = count - c.highest;
    c.below = step < window ? c.below << step | 1 : 1;
    c.highest = count;
    return true;
  }
  const auto back = c.highest - count;
  if (back >= window || (c.below >> back & 1) != 0) return false;
  c.below |= std::uint64_t{1} << back;
  return true;
}

}  // namespace phyllo::sip
