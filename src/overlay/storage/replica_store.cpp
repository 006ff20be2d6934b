#include "storage/replica_store.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "kinds/resource_key.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/ring.hpp"

namespace phyllo::overlay {
namespace {

item_digest digest_of(const resource_id& resource, kind_id kind, const core::bytes& entry, const version& v) {
  core::bytes text;
  core::wire_writer w(text);
  w.raw(resource.octets);
  w.u32(kind);
  w.opaque(2, entry);
  w.u64(v.storage_time);
  w.raw(v.hash);
  const auto whole = identity::sha256(text);
  item_digest d{};
  std::copy_n(whole.begin(), d.size(), d.begin());
  return d;
}

constexpr char of_domain = '@';  // no user begins so

// Whose quota a value counts against: its signer's; of a RESOURCE of form 2, its domain's, since few nodes write for all users of one.
std::string quota_of(kind_id kind, const data_value& v, const std::string& user) {
  if (kind != resource_kind.id || v.key.empty() || v.key.front() != static_cast<std::uint8_t>(key_form::domain)) return user;
  const auto key = resource_key::decode(v.key);
  return key ? of_domain + std::string(key->name.domain()) : user;
}

}  // namespace

std::uint32_t held_value::lifetime_left(core::time_point now) const {
  if (now >= expires) return 0;
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(expires - now).count());
}

stored_data held_value::passed_on(core::time_point now) const {
  auto d = data;
  d.lifetime = lifetime_left(now);
  return d;
}

const replica_store::held_kind* replica_store::of(const resource_id& resource, kind_id kind) const {
  const auto r = resources_.find(resource);
  if (r == resources_.end()) return nullptr;
  const auto k = r->second.find(kind);
  return k == r->second.end() ? nullptr : &k->second;
}

const held_value* replica_store::find(const item_key& at) const {
  const auto* k = of(at.resource, at.kind);
  if (k == nullptr) return nullptr;
  const auto v = k->entries.find(at.entry);
  return v == k->entries.end() ? nullptr : &v->second;
}

std::vector<const held_value*> replica_store::values(const resource_id& resource, kind_id kind) const {
  std::vector<const held_value*> found;
  if (const auto* k = of(resource, kind)) {
    for (const auto& [entry, v] : k->entries) found.push_back(&v);
  }
  return found;
}

std::uint64_t replica_store::generation(const resource_id& resource, kind_id kind) const {
  const auto* k = of(resource, kind);
  return k == nullptr ? 0 : k->generation;
}

core::status replica_store::room_for(const resource_id& resource, const kind& k, const std::vector<stored_data>& values,
                                     const std::vector<std::string>& users) const {
  std::size_t live = 0;
  std::size_t bytes = 0;
  std::size_t offered = 0;
  std::size_t fresh = 0;
  std::map<std::string, std::size_t> fresh_of;  // by quota
  std::size_t let_go = 0;
  const auto replaced = [&](const core::bytes& entry) {
    return std::ranges::any_of(values, [&](const auto& v) { return v.value.entry() == entry; });
  };
  const auto* held = of(resource, k.id);
  if (held != nullptr) {
    for (const auto& [entry, v] : held->entries) {
      if (replaced(entry)) {
        let_go += v.data.size();
        continue;
      }
      live += v.data.value.exists ? 1 : 0;
      bytes += v.data.size();
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& v = values[i];
    live += v.value.exists ? 1 : 0;
    bytes += v.size();
    offered += v.size();
    if (held != nullptr && held->entries.contains(v.value.entry())) continue;
    ++fresh;
    ++fresh_of[quota_of(k.id, v.value, users.at(i))];
  }
  if (live > k.count_max) return core::fail(errc::quota_exceeded, "more than " + std::to_string(k.count_max) + " values under one name");
  if (bytes > k.total_max) return core::fail(errc::quota_exceeded, "more than " + std::to_string(k.total_max) + " bytes under one name");
  if (count_ + fresh > limits_.records_max) return core::fail(errc::quota_exceeded, "this node holds all the records it may");
  if (offered > let_go && bytes_ + offered - let_go > limits_.record_bytes_max)
    return core::fail(errc::quota_exceeded, "this node holds all the bytes it may");
  return quotas_for(fresh_of);
}

core::status replica_store::quotas_for(const std::map<std::string, std::size_t>& fresh) const {
  for (const auto& [whose, count] : fresh) {
    const bool domain = whose.front() == of_domain;
    const auto most = domain ? quotas_.values_per_domain_max : quotas_.values_per_owner_max;
    const auto held = owned_.find(whose);
    if ((held == owned_.end() ? 0 : held->second) + count <= most) continue;
    return core::fail(errc::quota_exceeded, "more than " + std::to_string(most) + " values of one " + (domain ? "domain" : "user"));
  }
  return {};
}

replica_store::outcome replica_store::put(const resource_id& resource, kind_id kind, const stored_data& d,
                                          const identity::certificate& signer, core::time_point now, const version_order& order) {
  auto entry = d.value.entry();
  const auto v = d.version();
  auto& entries = resources_[resource][kind].entries;
  const auto at = entries.find(entry);
  if (at != entries.end()) {
    if (at->second.version == v) return outcome::identical;
    if (order.older(v, at->second.version)) return outcome::older;
    forget({resource, kind, entry}, at->second);
    entries.erase(at);
  }
  const auto expires = now + std::chrono::seconds(d.lifetime);
  expiries_.emplace(expires, item_key{resource, kind, entry});
  ++count_;
  ++by_kind_[kind];
  bytes_ += d.size();
  ++owned_[quota_of(kind, d.value, signer.user())];
  const auto digest = digest_of(resource, kind, entry, v);
  entries.emplace(std::move(entry), held_value{d, v, signer, expires, digest});
  assert(expiries_.size() == count_);
  tell(resource);
  return outcome::stored;
}

void replica_store::raise_generation(const resource_id& resource, kind_id kind, std::uint64_t generation) {
  auto& g = resources_[resource][kind].generation;
  if (generation > g) g += std::min(generation - g, generation_step_max);
}

void replica_store::forget(const item_key& at, const held_value& v) {
  assert(count_ > 0 && bytes_ >= v.data.size());
  --count_;
  const auto of_kind = by_kind_.find(at.kind);
  assert(of_kind != by_kind_.end() && of_kind->second > 0);
  if (--of_kind->second == 0) by_kind_.erase(of_kind);
  bytes_ -= v.data.size();
  const auto [first, last] = expiries_.equal_range(v.expires);
  const auto alarm = std::find_if(first, last, [&](const auto& e) { return e.second == at; });
  assert(alarm != last);
  expiries_.erase(alarm);
  const auto owner = owned_.find(quota_of(at.kind, v.data.value, v.signer.user()));
  assert(owner != owned_.end() && owner->second > 0);
  if (--owner->second == 0) owned_.erase(owner);
  assert(expiries_.size() == count_);
}

std::size_t replica_store::expire(core::time_point now) {
  std::size_t gone = 0;
  for (; !expiries_.empty() && expiries_.begin()->first <= now; ++gone) {
    const auto at = expiries_.begin()->second;
    const auto r = resources_.find(at.resource);
    const auto k = r->second.find(at.kind);
    const auto v = k->second.entries.find(at.entry);
    forget(at, v->second);
    k->second.entries.erase(v);
    if (k->second.entries.empty()) r->second.erase(k);
    if (r->second.empty()) resources_.erase(r);
    tell(at.resource);
  }
  return gone;
}

void replica_store::erase(const resource_id& resource) {
  const auto r = resources_.find(resource);
  if (r == resources_.end()) return;
  for (const auto& [kind, held] : r->second) {
    for (const auto& [entry, v] : held.entries) forget({resource, kind, entry}, v);
  }
  resources_.erase(r);
  tell(resource);
}

bool replica_store::invariant() const {
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::map<kind_id, std::uint64_t> by_kind;
  std::map<std::string, std::size_t> owned;
  for_each(whole_ring(), [&](const resource_id&, kind_id kind, const core::bytes&, const held_value& v) {
    ++count;
    bytes += v.data.size();
    ++by_kind[kind];
    ++owned[quota_of(kind, v.data.value, v.signer.user())];
  });
  const auto has_alarm = [this](const auto& e) {
    const auto* v = find(e.second);
    return v != nullptr && v->expires == e.first;
  };
  return count == count_ && bytes == bytes_ && by_kind == by_kind_ && owned == owned_ && expiries_.size() == count_ &&
         std::ranges::all_of(expiries_, has_alarm);
}

std::optional<core::time_point> replica_store::next_expiry() const {
  return expiries_.empty() ? std::nullopt : std::optional(expiries_.begin()->first);
}

std::vector<resource_id> replica_store::resources(const arc& where) const {
  std::vector<resource_id> found;
  for (auto at = resources_.lower_bound(where.first); at != resources_.end() && at->first <= where.last; ++at) found.push_back(at->first);
  return found;
}

bool replica_store::live(const resource_id& resource) const {
  const auto r = resources_.find(resource);
  if (r == resources_.end()) return false;
  return std::ranges::any_of(r->second, [](const auto& k) {
    return std::ranges::any_of(k.second.entries, [](const auto& e) { return e.second.data.value.exists; });
  });
}

std::optional<resource_id> replica_store::nearest(const resource_id& to, kind_id kind) const {
  std::optional<resource_id> best;
  const auto consider = [&](const auto& entry) {
    if (!entry.second.contains(kind)) return false;
    if (!best || nearer(entry.first, *best, to)) best = entry.first;
    return true;
  };
  // The nearest is one of the two neighbours in order, the ring's wrap included.
  const auto from = resources_.lower_bound(to);
  for (auto at = from; at != resources_.end(); ++at) {
    if (consider(*at)) break;
  }
  for (auto at = std::make_reverse_iterator(from); at != resources_.rend(); ++at) {
    if (consider(*at)) break;
  }
  for (auto at = resources_.begin(); at != resources_.end(); ++at) {
    if (consider(*at)) break;
  }
  for (auto at = resources_.rbegin(); at != resources_.rend(); ++at) {
    if (consider(*at)) break;
  }
  return best;
}

}  // namespace phyllo::overlay
