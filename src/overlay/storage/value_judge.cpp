#include "storage/value_judge.hpp"

#include <algorithm>

#include "kinds/access_policy.hpp"
#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::uint64_t ahead_of_replica_max_ms = 86'400'000;  // of what another root has taken: clocks may be wrong by hours

}  // namespace

core::result<identity::certificate> value_judge::signer_of(const stored_data& d, const certificates& carried) const {
  const auto* hash = d.signature.certificate_hash();
  if (hash == nullptr) return core::fail(errc::forbidden, "an unsigned value");
  identity::sha256_digest fingerprint{};
  std::copy_n(hash, fingerprint.size(), fingerprint.begin());
  if (fingerprint == self_->certificate.fingerprint()) return self_->certificate;
  const auto at = std::ranges::find_if(carried, [&](const auto& c) { return c.fingerprint() == fingerprint; });
  if (at != carried.end()) return *at;
  if (const auto* known = ring_.find_certificate(fingerprint)) return *known;
  return core::fail(errc::forbidden, "the certificate of the value's signer is missing");
}

const held_value* value_judge::held(const resource_id& resource, kind_id kind, const stored_data& d) const {
  const auto* at = holds_ == nullptr ? nullptr : holds_->find({resource, kind, d.value.entry()});
  if (at == nullptr || at->data.storage_time != d.storage_time) return nullptr;
  const bool same = at->data.value == d.value && at->data.signature.value == d.signature.value &&
                    at->data.signature.identity_value == d.signature.identity_value;
  return same ? at : nullptr;
}

version_order value_judge::order() const {
  if (!ring_.clock_agreed()) return {};
  return {core::unix_milliseconds(ring_.wall_now()) + ahead_of_replica_max_ms};
}

// By it a value could be neither overwritten nor removed until then. What is held may be followed by the next millisecond, whatever it is:
// so its owner gets the better of it.
bool value_judge::too_early(const item_key& at, const stored_data& d, std::uint64_t ahead_ms) const {
  if (d.storage_time <= core::unix_milliseconds(ring_.wall_now()) + ahead_ms) return false;
  const auto* held = holds_ == nullptr ? nullptr : holds_->find(at);
  return held == nullptr || (d.storage_time > held->version.storage_time && d.storage_time - held->version.storage_time > 1);
}

// It was judged before: what may have changed since is the trust in its signer.
core::result<identity::certificate> value_judge::judge_held(const held_value& i) const {
  if (auto s = trust_.check(i.signer, ring_.wall_now()); !s) return core::fail(errc::forbidden, s.error().message());
  return i.signer;
}

core::result<identity::certificate> value_judge::judge(const kind& k, const resource_id& resource, const stored_data& d,
                                                       const certificates& carried) const {
  if (const auto* same = held(resource, k.id, d)) return judge_held(*same);
  if (too_early({resource, k.id, d.value.entry()}, d, ahead_of_replica_max_ms))
    return core::fail(errc::forbidden, "a storage time far ahead of this node's clock");
  return judge_signed(k, resource, d, carried);
}

core::result<identity::certificate> value_judge::judge_own(const kind& k, const resource_id& resource, const stored_data& d,
                                                           const certificates& carried) const {
  const auto signer = signer_of(d, carried);
  const bool own = signer && *signer == self_->certificate;
  if (!own || held(resource, k.id, d) != nullptr || too_early({resource, k.id, d.value.entry()}, d, ahead_of_replica_max_ms))
    return judge(k, resource, d, carried);
  if (auto s = check_all_but_signature(k, resource, d, *signer, trust_, ring_.wall_now()); !s) return core::fail(s.error());
  return *signer;
}

core::result<identity::certificate> value_judge::judge_read(const kind& k, const resource_id& resource, const stored_data& d,
                                                            const certificates& carried) const {
  if (const auto* same = held(resource, k.id, d)) return judge_held(*same);
  return judge_signed(k, resource, d, carried);
}

core::result<identity::certificate> value_judge::judge_signed(const kind& k, const resource_id& resource, const stored_data& d,
                                                              const certificates& carried) const {
  auto signer = signer_of(d, carried);
  if (!signer) return signer;
  if (auto s = check_value(k, resource, d, *signer, trust_, ring_.wall_now()); !s) return core::fail(s.error());
  return signer;
}

}  // namespace phyllo::overlay
