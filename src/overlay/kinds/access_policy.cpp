#include "kinds/access_policy.hpp"

#include <algorithm>

#include "kinds/redir_provider.hpp"
#include "kinds/sip_registration.hpp"
#include "kinds/turn_server.hpp"
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

// USER-MATCH: "the signer's certificate has a user name which hashes ... to the Resource-ID".
core::status check_user(const kind& k, const resource_id& resource, const identity::certificate& who) {
  if (user_resource(who.user(), k.hash) != resource)
    return core::fail(errc::forbidden, "the signer's user name does not hash to the Resource-ID");
  return {};
}

// RFC 7904 s.3.4: "the overlay MUST only accept AORs that match patterns specified in the <domain-restrictions> element".
core::status check_domain(const kind& k, const identity::certificate& who) {
  const auto& user = who.user();
  const auto domain = std::string_view(user).substr(user.find('@') + 1);
  if (k.domains != nullptr && !k.domains->admits(domain))
    return core::fail(errc::forbidden, "the overlay takes no AOR of " + std::string(domain));
  return {};
}

core::status check_node_key(const data_value& v, const identity::certificate& who) {
  if (!core::equal(v.key, who.node().octets)) return core::fail(errc::forbidden, "the dictionary key is not the signer's Node-ID");
  return {};
}

// NODE-MULTIPLE: "Note that because i is not carried on the wire, the verifier MUST iterate".
core::status check_multiple(const kind& k, const resource_id& resource, const identity::certificate& who) {
  for (unsigned i = 1; i <= k.iterations_max; ++i) {
    if (multiple_resource(who.node(), static_cast<std::uint8_t>(i), k.hash) == resource) return {};
  }
  return core::fail(errc::forbidden, "no H(Node-ID || i) of the signer is the Resource-ID");
}

core::status check_resource_entry(const kind& k, const resource_id& resource, const data_value& v, const identity::certificate& who) {
  const auto key = resource_key::decode(v.key);
  if (!key) return core::fail(errc::forbidden, "a dictionary key that is no ResourceKey of form 1 or 2");
  if (key->name.key(k.hash) != resource) return core::fail(errc::forbidden, "the name does not hash to the Resource-ID");
  if (!may_write(*key, who)) return core::fail(errc::forbidden, "the signer has no right to this name and binding");
  return {};
}

core::status check_registration(const stored_data& d) {
  if (const auto s = sip_registration::decode(d.value.value); !s) return core::fail(s.error());
  return {};
}

core::status check_turn(const kind& k, const resource_id& resource, const stored_data& d, const identity::certificate& signer) {
  const auto t = turn_server::decode(d.value.value);
  if (!t) return core::fail(t.error());
  if (multiple_resource(signer.node(), t->iteration, k.hash) != resource)
    return core::fail(errc::invalid_record, "the iteration is not that of the Resource-ID");
  return {};
}

// NODE-ID-MATCH, "provided that exists=True".
core::status check_redir(const kind& k, const resource_id& resource, const stored_data& d, const identity::certificate& signer) {
  const auto p = redir_provider::decode(d.value.value);
  if (!p) return core::fail(p.error());
  if (p->place.resource(k.hash) != resource) return core::fail(errc::forbidden, "namespace, level and node do not hash to the Resource-ID");
  if (!p->place.covers(signer.node())) return core::fail(errc::forbidden, "the Node-ID is in no interval of the tree node");
  return {};
}

core::status check_own_certificate(const stored_data& d, const identity::certificate& signer, const identity::trust& trust) {
  const auto c = trust.read(d.value.value);
  if (!c) return core::fail(errc::invalid_record, c.error().message());
  if (c->user() != signer.user()) return core::fail(errc::invalid_record, "the certificate of another user");
  return {};
}

core::status check_kind_content(const kind& k, const resource_id& resource, const stored_data& d, const identity::certificate& signer) {
  switch (k.id) {
    case resource_kind.id: return check_record(*resource_key::decode(d.value.key), d, signer);
    case kind_number::sip_registration: return check_registration(d);
    case kind_number::turn_service: return check_turn(k, resource, d, signer);
    case kind_number::redir: return check_redir(k, resource, d, signer);
    default: return {};
  }
}

bool is_certificate(const kind& k) { return k.id == kind_number::certificate_by_node || k.id == kind_number::certificate_by_user; }

}  // namespace

bool may_write(const resource_key& key, const identity::certificate& who) {
  if (key.form == key_form::owner) return who.user() == key.name.subject && names(key.binding, who.node());
  return who.has_authority(key.name.domain());
}

core::status may_write(const kind& k, const resource_id& resource, const data_value& v, const identity::certificate& who) {
  switch (k.policy) {
    case write_policy::phyllo_owner: return check_resource_entry(k, resource, v, who);
    case write_policy::user_match: return check_user(k, resource, who);
    case write_policy::node_match:
      if (node_resource(who.node(), k.hash) != resource)
        return core::fail(errc::forbidden, "the signer's Node-ID does not hash to the Resource-ID");
      return {};
    case write_policy::user_node_match:
      if (auto s = check_user(k, resource, who); !s) return s;
      if (auto s = check_domain(k, who); !s) return s;
      return check_node_key(v, who);
    case write_policy::node_multiple: return check_multiple(k, resource, who);
    case write_policy::node_id_match: return check_node_key(v, who);
  }
  return core::fail(errc::forbidden, "an unknown access policy");
}

core::status check_content(const kind& k, const resource_id& resource, const stored_data& d, const identity::certificate& signer) {
  if (d.value.value.size() > k.size_max)
    return core::fail(errc::quota_exceeded, "a value of more than " + std::to_string(k.size_max) + " bytes");
  if (k.model == data_model::array && d.value.index > array_index_max)
    return core::fail(errc::quota_exceeded, "an index of more than " + std::to_string(array_index_max));
  if (d.lifetime > k.lifetime_max) return core::fail(errc::forbidden, "a lifetime of more than " + std::to_string(k.lifetime_max) + " s");
  if (auto s = may_write(k, resource, d.value, signer); !s) return s;
  if (d.value.exists) return check_kind_content(k, resource, d, signer);
  return {};
}

core::status check_all_but_signature(const kind& k, const resource_id& resource, const stored_data& d, const identity::certificate& signer,
                                     const identity::trust& trust, core::wall_time now) {
  if (auto s = check_content(k, resource, d, signer); !s) return s;
  if (is_certificate(k) && d.value.exists) {
    if (auto s = check_own_certificate(d, signer, trust); !s) return s;
  }
  if (auto s = trust.check(signer, now); !s) return core::fail(errc::forbidden, "the value's signer: " + s.error().message());
  return {};
}

core::status check_value(const kind& k, const resource_id& resource, const stored_data& d, const identity::certificate& signer,
                         const identity::trust& trust, core::wall_time now) {
  if (auto s = check_all_but_signature(k, resource, d, signer, trust, now); !s) return s;
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
