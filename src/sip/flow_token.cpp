#include "flow_token.hpp"

#include <algorithm>
#include <utility>

#include "phyllo/identity/digest.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t mac_octets = 12;
constexpr std::size_t head_octets = 1 + 8 + 2;

core::bytes encoded(const flow& f) {
  core::bytes out;
  out.push_back(static_cast<std::uint8_t>(f.by));
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(std::to_underlying(f.id) >> shift));
  out.push_back(static_cast<std::uint8_t>(f.remote.port >> 8));
  out.push_back(static_cast<std::uint8_t>(f.remote.port & 0xff));
  if (f.remote.address.is_v4()) {
    core::append(out, f.remote.address.to_v4().to_bytes());
  } else {
    core::append(out, f.remote.address.to_v6().to_bytes());
  }
  return out;
}

template <class Address>
asio::ip::address address_of(core::byte_view raw) {
  typename Address::bytes_type octets{};
  std::copy(raw.begin(), raw.end(), octets.begin());
  return Address(octets);
}

// Only of bytes that our MAC covers.
std::optional<flow> decoded(core::byte_view raw) {
  const auto address = raw.subspan(std::min(raw.size(), head_octets));
  if (address.size() != 4 && address.size() != 16) return std::nullopt;
  flow f;
  f.by = static_cast<protocol>(raw[0]);
  std::uint64_t id = 0;
  for (std::size_t i = 1; i <= 8; ++i) id = id << 8 | raw[i];
  f.id = static_cast<flow_id>(id);
  f.remote.port = static_cast<std::uint16_t>(raw[9] << 8 | raw[10]);
  f.remote.address = address.size() == 4 ? address_of<asio::ip::address_v4>(address) : address_of<asio::ip::address_v6>(address);
  return f;
}

}  // namespace

bool flow::same_as(const flow& other) const noexcept {
  if (by != other.by) return false;
  return reliable(by) ? id == other.id : remote == other.remote;
}

destination flow::to() const {
  destination d;
  d.by = by;
  d.at = remote;
  d.flow = id;
  d.flow_only = true;
  return d;
}

flow flow_of(const source& s) { return {s.by, s.remote, s.flow}; }

token_signer::token_signer(core::bytes key) : key_(std::move(key)) {}

core::bytes token_signer::mac(core::byte_view content, flow_token::use purpose, std::string_view call_id) const {
  core::bytes covered = core::to_bytes("flow token ");
  covered.push_back(static_cast<std::uint8_t>(purpose));
  covered.push_back(static_cast<std::uint8_t>(content.size()));
  core::append(covered, content);
  if (purpose == flow_token::use::record_route) core::append(covered, core::as_bytes(call_id));
  const auto full = identity::hmac_sha256(key_, covered);
  return core::to_bytes(core::byte_view(full).first(mac_octets));
}

std::string token_signer::seal(const flow_token& t, std::string_view call_id) const {
  core::bytes content;
  if (t.flow) content = encoded(*t.flow);
  const auto proof = mac(content, t.purpose, call_id);
  return std::string(1, static_cast<char>(t.purpose)) + core::to_hex(content) + core::to_hex(proof);
}

std::optional<flow_token> token_signer::open(std::string_view text, std::string_view call_id) const {
  if (text.empty() || text.size() > 1 + 2 * (head_octets + 16 + mac_octets)) return std::nullopt;
  flow_token t;
  if (text.front() == static_cast<char>(flow_token::use::path)) {
    t.purpose = flow_token::use::path;
  } else if (text.front() != static_cast<char>(flow_token::use::record_route)) {
    return std::nullopt;
  }
  const auto raw = core::from_hex(text.substr(1));
  if (!raw || raw->size() < mac_octets) return std::nullopt;
  const auto content = core::byte_view(*raw).first(raw->size() - mac_octets);
  const auto proof = core::byte_view(*raw).last(mac_octets);
  if (!identity::constant_time_equal(proof, mac(content, t.purpose, call_id))) return std::nullopt;
  if (content.empty()) return t;
  t.flow = decoded(content);
  return t.flow ? std::optional(t) : std::nullopt;
}

}  // namespace phyllo::sip
