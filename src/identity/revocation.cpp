#include "phyllo/identity/revocation.hpp"

#include <algorithm>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/names.hpp"
#include "phyllo/identity/signature.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::identity {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::string_view purpose = "phyllo revocations";  // no other thing that a signer signs begins so

std::unexpected<core::error> malformed_revocation(const char* what) { return core::fail(errc::malformed_document, what); }

core::bytes signed_part(const revocation_head& h) {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(version);
  w.opaque(1, core::as_bytes(h.overlay));
  w.u64(h.number);
  w.u32(h.entries);
  w.u8(h.bits);
  w.raw(h.root);
  return out;
}

struct parts {
  revocation_head head;
  core::byte_view signed_part;
  identity::signature signature;
  core::byte_view certificate;
};

core::result<parts> take_apart(core::byte_view text) {
  core::wire_reader r(text);
  parts p;
  if (r.u8() != version) r.fail();
  p.head.overlay = core::as_text(r.opaque(1));
  p.head.number = r.u64();
  p.head.entries = r.u32();
  p.head.bits = r.u8();
  const auto root = r.take(p.head.root.size());
  std::ranges::copy(root, p.head.root.begin());
  p.signed_part = text.first(text.size() - r.remaining());
  p.signature = signature::read(r);
  p.certificate = r.opaque(2);
  if (!r.done() || p.head.number == 0 || p.head.entries > revocations_max || p.head.bits > revocation_bits_max)
    return malformed_revocation("the head of a revocation list");
  p.head.text = core::to_bytes(text);
  return p;
}

node_id read_key(core::wire_reader& r) { return node_id::from_bytes(r.take(node_id::size)).value_or(node_id{}); }

}  // namespace

node_id revoked_user(std::string_view user) { return ring_hash(core::as_bytes("phyllo user:" + canonical_user(user))); }

node_id outdated_user(std::string_view user) { return ring_hash(core::as_bytes("phyllo outdated:" + canonical_user(user))); }

std::uint64_t issued_second(const certificate& c) noexcept {
  return core::unix_milliseconds(c.not_before() + certificates_dated_back) / 1000;
}

std::uint32_t revoked_before(core::wall_time now) {
  constexpr std::uint64_t second = 1000;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(core::unix_milliseconds(now) / second + 1, revoked_for_good - 1));
}

revocation_head sign_revocation_head(revocation_head h, const credential& signer) {
  h.text = signed_part(h);
  const auto s = sign(signer, {core::as_bytes(purpose), h.text});
  core::wire_writer w(h.text);
  s.write(w);
  w.opaque(2, signer.certificate.der());
  return h;
}

core::result<revocation_head> parse_revocation_head(core::byte_view text) {
  auto p = take_apart(text);
  if (!p) return core::fail(p.error());
  return std::move(p->head);
}

core::result<revocation_head> read_revocation_head(core::byte_view text, const trust& t, const std::vector<node_id>& signers,
                                                   core::wall_time now) {
  auto p = take_apart(text);
  if (!p) return core::fail(p.error());
  if (p->head.overlay != t.overlay_name()) return core::fail(errc::wrong_overlay, "a revocation list of another overlay");
  const auto signer = t.read(p->certificate);
  if (!signer) return core::fail(signer.error());
  if (std::ranges::find(signers, signer->node()) == signers.end())
    return core::fail(errc::unknown_signer, "a revocation list by node " + signer->node().hex() + ", which is no configuration-signer");
  if (auto ok = t.check(*signer, now); !ok) return core::fail(ok.error());
  if (auto ok = verify(p->signature, *signer, {core::as_bytes(purpose), p->signed_part}); !ok) return core::fail(ok.error());
  return std::move(p->head);
}

core::bytes revocation_delta::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u64(from);
  w.u64(to);
  const auto some = w.open(4);
  for (const auto& e : entries) {
    w.raw(e.key.octets);
    w.u32(e.before);
  }
  w.close(some);
  const auto gone = w.open(4);
  for (const auto& k : removed) w.raw(k.octets);
  w.close(gone);
  return out;
}

core::result<revocation_delta> revocation_delta::decode(core::byte_view data) {
  core::wire_reader r(data);
  revocation_delta d;
  d.from = r.u64();
  d.to = r.u64();
  core::wire_reader some(r.opaque(4));
  core::wire_reader gone(r.opaque(4));
  if (!r.done() || d.from >= d.to) return malformed_revocation("what changes of a revocation list");
  while (some.ok() && !some.empty()) {  // ends with the list
    const auto key = read_key(some);
    if (!d.entries.empty() && !(d.entries.back().key < key)) some.fail();
    d.entries.push_back({key, some.u32()});
  }
  while (gone.ok() && !gone.empty()) {  // ends with the list
    const auto key = read_key(gone);
    if (!d.removed.empty() && !(d.removed.back() < key)) gone.fail();
    d.removed.push_back(key);
  }
  if (!some.ok() || !gone.ok()) return malformed_revocation("what changes of a revocation list");
  return d;
}

}  // namespace phyllo::identity
