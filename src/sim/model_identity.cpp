#include "model_identity.hpp"

#include <algorithm>
#include <cstring>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/revocation.hpp"

namespace phyllo::sim {
namespace {

constexpr std::size_t certificate_bytes = 347;  // of ours with Ed25519 and names of usual length
constexpr std::size_t peer_bytes = 35;          // more, with the right to be a peer
constexpr std::size_t signature_bytes = 64;
// As Ed25519 has them on the wire.
constexpr std::uint8_t intrinsic = 8;
constexpr std::uint8_t ed25519 = 7;

__extension__ using wide = unsigned __int128;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<wide>(a ^ 0x9e3779b97f4a7c15) * (b ^ 0xe7037ed1a0b428db);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word(core::byte_view data) {
  std::uint64_t w = 0;
  std::memcpy(&w, data.data(), std::min(data.size(), sizeof w));
  return w;
}

std::array<std::uint8_t, signature_bytes> keyed_hash(std::uint64_t key, core::byte_view data) {
  auto h = mix(key, data.size());
  for (; data.size() > 8; data = data.subspan(8)) h = mix(h, word(data));
  if (!data.empty()) h = mix(h, word(data));
  std::array<std::uint8_t, signature_bytes> out{};
  for (std::size_t i = 0; i < out.size(); i += sizeof h) {
    h = mix(h, key + i);
    std::memcpy(out.data() + i, &h, sizeof h);
  }
  return out;
}

struct model_content final : identity::certificate_content {
  [[nodiscard]] core::status verify(std::uint8_t hash, std::uint8_t algorithm, core::byte_view data,
                                    core::byte_view signature) const override {
    if (hash != intrinsic || algorithm != ed25519) return core::fail(identity::errc::unsupported_algorithm);
    if (!std::ranges::equal(signature, keyed_hash(key, data))) return core::fail(identity::errc::bad_signature);
    return {};
  }
  std::uint64_t key = 0;
};

class model_key final : public identity::signing_key {
 public:
  explicit model_key(std::uint64_t key) : key_(key) {}
  [[nodiscard]] core::bytes sign(core::byte_view data) const override { return core::to_bytes(keyed_hash(key_, data)); }

 private:
  std::uint64_t key_;
};

//  serial (4) | Node-ID (16) | names (2), and what a real one has besides
core::bytes print(std::uint32_t serial, const issuer::request& r, const std::string& overlay_name) {
  core::bytes der;
  core::wire_writer w(der);
  w.u32(serial);
  w.raw(r.node.view());
  auto names = r.user + "/" + overlay_name;
  for (const auto& d : r.domains) names += "/" + d;
  w.opaque(2, core::as_bytes(names));
  der.resize(std::max(der.size(), certificate_bytes + (r.peer ? peer_bytes : 0)));
  return der;
}

}  // namespace

std::size_t model_registry::digest_hash::operator()(const identity::sha256_digest& d) const noexcept { return word(d); }

identity::credential model_registry::issue(const issuer::request& r, const std::string& overlay_name) {
  auto c = std::make_shared<model_content>();
  c->der = print(serial_, r, overlay_name);
  c->fingerprint = identity::sha256(c->der);
  c->node = r.node;
  c->user = r.user;
  c->user_key = identity::revoked_user(r.user);
  c->overlay = overlay_name;
  c->domains = r.domains;
  c->peer = r.peer;
  c->not_before = r.not_before;
  c->not_after = r.not_after;
  c->key = mix(secret_, serial_ + 1);
  identity::private_key key(std::make_shared<model_key>(c->key));
  by_fingerprint_.emplace(c->fingerprint, serial_++);
  issued_.emplace_back(std::move(c));
  return {issued_.back(), std::move(key)};
}

const identity::certificate* model_registry::find(const identity::sha256_digest& fingerprint) const {
  const auto at = by_fingerprint_.find(fingerprint);
  return at == by_fingerprint_.end() ? nullptr : &issued_[at->second];
}

const identity::certificate* model_registry::read(core::byte_view der) const {
  core::wire_reader r(der);
  const auto serial = r.u32();
  if (!r.ok() || serial >= issued_.size()) return nullptr;
  const auto& known = issued_[serial];
  return known.der().data() == der.data() || core::equal(known.der(), der) ? &known : nullptr;
}

core::result<identity::certificate> model_trust::read(core::byte_view der) const {
  if (const auto* c = registry_.read(der)) return *c;
  return core::fail(identity::errc::malformed_certificate, "not one of this model");
}

const identity::certificate* model_trust::kept(const identity::sha256_digest& fingerprint) const { return registry_.find(fingerprint); }

core::status model_trust::check(const identity::certificate& c, core::wall_time now) const {
  const auto* known = registry_.read(c.der());
  if (known == nullptr) return core::fail(identity::errc::unknown_issuer, "certificate of node " + c.node().hex());
  if (now < c.not_before() || now > c.not_after()) return core::fail(identity::errc::expired, "node " + c.node().hex());
  if (revoked(c)) return core::fail(identity::errc::revoked, "node " + c.node().hex());
  if (c.overlay() != overlay_name()) return core::fail(identity::errc::wrong_overlay, c.overlay());
  return {};
}

}  // namespace phyllo::sim
