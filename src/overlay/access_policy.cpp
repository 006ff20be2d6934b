#include "access_policy.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {
namespace {

bool names(const binding& b, const node_id& node) { return b == node.octets; }

// Form 2: a user location is bound to the phone, everything else to the node that wrote it.
core::status check_domain_binding(const resource_key& key, const record& content, const identity::certificate& signer) {
  if (key.name.type != "user location") {
    if (!names(key.binding, signer.node())) return core::fail(errc::forbidden, "the binding is not the signer's Node-ID");
    return {};
  }
  if (content.locations.empty()) return core::fail(errc::invalid_record, "a user location without location");
  if (key.binding != binding_of(content.locations.front())) return core::fail(errc::forbidden, "the binding is not that of the contact");
  return {};
}

core::status check_record(const resource_key& key, const stored_data& d, const identity::certificate& signer) {
  const auto content = record::parse(core::as_text(d.value.value));
  if (!content) return core::fail(content.error());
  if (content->name != key.name) return core::fail(errc::invalid_record, "the record's name is not the key's");
  if (content->timestamp_ms != d.storage_time) return core::fail(errc::invalid_record, "<timestamp> is not the storage time");
  if (content->lifetime_s < d.lifetime) return core::fail(errc::invalid_record, "<lifetime> is less than the lifetime stored for");
  if (key.form == key_form::domain) return check_domain_binding(key, *content, signer);
  return {};
}

}  // namespace

bool may_write(const resource_key& key, const identity::certificate& who) {
  if (key.form == key_form::owner) return who.user() == key.name.subject && names(key.binding, who.node());
  return who.has_authority(key.name.domain());
}

core::status check_content(const kind& k, const resource_id& resource, const stored_data& d, const identity::certificate& signer) {
  if (d.value.value.size() > k.size_max)
    return core::fail(errc::quota_exceeded, "a value of more than " + std::to_string(k.size_max) + " bytes");
  if (d.lifetime > k.lifetime_max) return core::fail(errc::forbidden, "a lifetime of more than " + std::to_string(k.lifetime_max) + " s");
  const auto key = resource_key::decode(d.value.key);
  if (!key) return core::fail(errc::forbidden, "a dictionary key that is no ResourceKey of form 1 or 2");
  if (key->name.key() != resource) return core::fail(errc::forbidden, "the name does not hash to the Resource-ID");
  if (!may_write(*key, signer)) return core::fail(errc::forbidden, "the signer has no right to this name and binding");
  if (d.value.exists) return check_record(*key, d, signer);
  return {};
}

core::status check_value(const kind& k, const resource_id& resource, const stored_data& d, const identity::certificate& signer,
                         const identity::trust& trust, core::wall_time now) {
  if (auto s = check_content(k, resource, d, signer); !s) return s;
  if (auto s = trust.check(signer, now); !s) return core::fail(errc::forbidden, "the value's signer: " + s.error().message());
  if (auto s = verify(d, resource, k.id, signer); !s) return core::fail(errc::forbidden, s.error().message());
  return {};
}

bool outlived(const record& r, core::wall_time now) {
  // In integers, since a hostile time stamp would overflow a clock's.
  constexpr std::uint64_t grace_ms = 600'000;
  const auto now_ms = core::unix_milliseconds(now);
  const auto span_ms = std::uint64_t{r.lifetime_s} * 1000 + grace_ms;
  return now_ms > span_ms && now_ms - span_ms > r.timestamp_ms;
}

}  // namespace phyllo::overlay
