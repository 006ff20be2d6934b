#include "reload/message_verifier.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "phyllo/identity/errc.hpp"

namespace phyllo::overlay {
namespace {

std::string_view reason(const core::error& e) {
  if (e == identity::errc::expired) return "expired_certificate";
  if (e == identity::errc::revoked) return "revoked_certificate";
  if (e == identity::errc::unsupported_algorithm) return "unsupported_algorithm";
  if (e == identity::errc::bad_signature || e == identity::errc::unknown_signer) return "bad_signature";
  return "foreign_certificate";
}

}  // namespace

message_verifier::message_verifier(core::environment& env, const message_maker& maker, const topology& where, const link_table& links,
                                   const identity::trust& trust, neighbour_observer& neighbours, message_counters& counters)
    : env_(env),
      maker_(maker),
      topology_(where),
      links_(links),
      trust_(trust),
      neighbours_(neighbours),
      counters_(counters),
      certificates_(trust) {
  certificates_.keep(maker_.certificate());
}

std::optional<identity::certificate> message_verifier::find_signer(const opened_payload& p) const {
  const auto* hash = p.signature.certificate_hash();
  if (hash == nullptr) return std::nullopt;
  identity::sha256_digest fingerprint;
  std::copy_n(hash, fingerprint.size(), fingerprint.begin());
  if (const auto* known = certificates_.find(fingerprint)) return *known;
  for (const auto der : p.certificates) {
    if (identity::sha256(der) != fingerprint) continue;
    auto parsed = trust_.read(der);
    if (parsed) return std::move(*parsed);
    return std::nullopt;
  }
  return std::nullopt;
}

// Of its link's peer, by the certificate that TLS has checked.
bool message_verifier::of_link(const forwarding_header& h, const identity::certificate& signer, const std::optional<node_id>& from) const {
  if (!h.via.empty() || !from) return false;
  const auto* l = links_.to(*from);
  return l != nullptr && l->peer() == signer;
}

bool message_verifier::believe_self() {
  const auto trusted = trust_.check(maker_.certificate(), env_.wall_now());
  if (!trusted) counters_.dropped(reason(trusted.error()), std::nullopt);
  return trusted.has_value();
}

// s.13.6.3: peers "can verify the data origin of the last-hop peer for requests and responses without further cryptography": of an active
// peer whose link was made with this very certificate. "The destination node MUST verify the signature" (s.6.3.4) of all others. A
// forwarding peer would have appended the hop before it to the via list.
bool message_verifier::believe(const forwarding_header& h, const opened_payload& p, const identity::certificate& signer,
                               const std::optional<node_id>& from) {
  const bool by_link = of_link(h, signer, from);
  if (auto trusted = trust_.check(signer, env_.wall_now()); !trusted) {
    if (trusted.error() == identity::errc::expired && by_link) {
      unjudged_ = true;
      neighbours_.on_unjudged(*from, p.contents);
    }
    counters_.dropped(reason(trusted.error()), from);
    return false;
  }
  if (unjudged_ && by_link) neighbours_.on_judged(*from);
  const bool own = !from && h.via.empty() && signer == maker_.certificate();
  const bool origin_known = by_link ? topology_.is_active(*from) : own;
  if (!origin_known) {
    if (auto good = verify_payload(p, h.overlay, h.transaction_id, signer); !good) {
      counters_.dropped(reason(good.error()), from);
      return false;
    }
  }
  certificates_.keep(signer);
  return true;
}

}  // namespace phyllo::overlay
