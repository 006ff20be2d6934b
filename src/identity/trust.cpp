#include "phyllo/identity/trust.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "boringssl.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::identity {
namespace {

// About 100 bytes each: the neighbours of a node and the owners of what it stores, many times over.
constexpr std::size_t remembered_max = 16384;

struct validity {
  core::wall_time from;
  core::wall_time to;
};

struct fingerprint_hash {
  std::size_t operator()(const sha256_digest& d) const noexcept {
    std::size_t h = 0;
    std::memcpy(&h, d.data(), sizeof h);
    return h;
  }
};

// The times of a chain are ours to check, against the clock we are given.
int ignore_time(int ok, X509_STORE_CTX* context) {
  const int e = X509_STORE_CTX_get_error(context);
  return ok == 1 || e == X509_V_ERR_CERT_NOT_YET_VALID || e == X509_V_ERR_CERT_HAS_EXPIRED ? 1 : 0;
}

validity common_validity(STACK_OF(X509) * chain) {
  validity v{core::wall_time::min(), core::wall_time::max()};
  for (std::size_t i = 0; i < sk_X509_num(chain); ++i) {
    const X509* x = sk_X509_value(chain, i);
    v.from = std::max(v.from, from_asn1(X509_get0_notBefore(x)));
    v.to = std::min(v.to, from_asn1(X509_get0_notAfter(x)));
  }
  return v;
}

// The time in which the whole chain is valid; nothing where no anchor signed it.
std::optional<validity> verify_chain(X509_STORE* anchors, X509* x) {
  const bssl::UniquePtr<X509_STORE_CTX> context(must(X509_STORE_CTX_new()));
  must(X509_STORE_CTX_init(context.get(), anchors, x, nullptr));
  X509_STORE_CTX_set_verify_cb(context.get(), ignore_time);
  const bool ok = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (!ok) return std::nullopt;
  return common_validity(X509_STORE_CTX_get0_chain(context.get()));
}

// Null: one is not a certificate authority's certificate.
bssl::UniquePtr<X509_STORE> make_store(const std::vector<core::bytes>& anchors) {
  bssl::UniquePtr<X509_STORE> store(must(X509_STORE_new()));
  for (const auto& der : anchors) {
    const auto x = x509_from_der(der);
    if (!x || X509_check_ca(x.get()) != 1) return nullptr;
    must(X509_STORE_add_cert(store.get(), x.get()));
  }
  ERR_clear_error();
  return store;
}

}  // namespace

struct trust::impl {
  std::string overlay_name;
  std::uint32_t overlay_hash = 0;
  bssl::UniquePtr<X509_STORE> anchors;
  std::unordered_set<node_id> bad_nodes;
  revocation_list revocations;
  // Certificates that an anchor signed, oldest first.
  std::unordered_map<sha256_digest, validity, fingerprint_hash> verified;
  std::deque<sha256_digest> order;

  std::optional<validity> validity_of(const certificate& c) {
    if (const auto known = verified.find(c.fingerprint()); known != verified.end()) return known->second;
    const auto x = x509_from_der(c.der());
    if (!x) return std::nullopt;
    const auto v = verify_chain(anchors.get(), x.get());
    if (v) remember(c.fingerprint(), *v);
    return v;
  }

  void remember(const sha256_digest& fingerprint, const validity& v) {
    if (order.size() == remembered_max) {
      verified.erase(order.front());
      order.pop_front();
    }
    verified.emplace(fingerprint, v);
    order.push_back(fingerprint);
  }
};

trust::trust(std::string overlay_name) : impl_(std::make_unique<impl>()) {
  const auto digest = sha1(core::as_bytes(overlay_name));
  core::wire_reader low(core::byte_view(digest).last(4));
  impl_->overlay_hash = low.u32();
  impl_->overlay_name = std::move(overlay_name);
  impl_->anchors.reset(must(X509_STORE_new()));
}

trust::~trust() = default;

core::status trust::update(const std::vector<core::bytes>& anchors, std::vector<node_id> bad_nodes) {
  auto store = make_store(anchors);
  if (!store) return core::fail(errc::malformed_certificate, "a trust anchor is not a certificate authority's certificate in DER");
  impl_->anchors = std::move(store);
  impl_->bad_nodes = {bad_nodes.begin(), bad_nodes.end()};
  impl_->verified.clear();
  impl_->order.clear();
  return {};
}

core::status trust::check(const certificate& c, core::wall_time now) const {
  const auto v = impl_->validity_of(c);
  if (!v) return core::fail(errc::unknown_issuer, "certificate of node " + c.node().hex());
  if (now < v->from) return core::fail(errc::expired, "node " + c.node().hex() + ": not valid before " + core::to_iso8601(v->from));
  if (now > v->to) return core::fail(errc::expired, "node " + c.node().hex() + ": not valid after " + core::to_iso8601(v->to));
  if (revoked(c)) return core::fail(errc::revoked, "node " + c.node().hex());
  if (c.overlay() != impl_->overlay_name) return core::fail(errc::wrong_overlay, c.overlay() + " instead of " + impl_->overlay_name);
  return {};
}

bool trust::revoked(const certificate& c) const noexcept {
  if (impl_->bad_nodes.contains(c.node())) return true;
  const auto of_node = impl_->revocations.find(c.node());
  const auto of_user = impl_->revocations.find(c.user_key());
  if (!of_node && !of_user) return false;
  const auto before = std::max(of_node.value_or(0), of_user.value_or(0));
  return before == revoked_for_good || issued_second(c) < before;
}

bool trust::outdated(const certificate& c) const {
  const auto before = impl_->revocations.find(outdated_user(c.user()));
  return before && issued_second(c) < *before;
}

bool trust::revoked(const node_id& node) const noexcept {
  return impl_->bad_nodes.contains(node) || impl_->revocations.find(node) == revoked_for_good;
}

revocation_list& trust::revocations() noexcept { return impl_->revocations; }
const revocation_list& trust::revocations() const noexcept { return impl_->revocations; }
const std::string& trust::overlay_name() const noexcept { return impl_->overlay_name; }
std::uint32_t trust::overlay_hash() const noexcept { return impl_->overlay_hash; }

}  // namespace phyllo::identity
