// The operations that store: add, update, remove (storage.md; record.md).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kinds/access_policy.hpp"
#include "phyllo/identity/signature.hpp"
#include "phyllo/overlay/errc.hpp"
#include "storage/record_client.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"

namespace phyllo::overlay {
namespace {

constexpr int newer_retries = 4;

message_contents store_message(const resource_id& resource, std::vector<stored_data> values, bool if_absent) {
  store_request body{.resource = resource, .replica_number = 0, .kinds = {}, .unknown = {}};
  body.kinds.push_back({.kind = resource_kind.id, .generation = 0, .values = std::move(values)});
  message_contents m;
  m.code = code::store_req;
  m.body = body.encode();
  m.extensions = encode(request_options{.view = std::nullopt, .quorum = false, .if_absent = if_absent});
  return m;
}

// What counts is the XML: whoever counts his value alone sees what else there is.
std::string too_long(record r, std::size_t bytes) {
  const auto plain = std::exchange(r.value, "x").size();  // with none its element were not there
  const auto around = r.xml().size() - 1;
  const auto escaped = plain == bytes - around ? std::string() : fmt::format(" (which has {} before <, > and & are escaped)", plain);
  return fmt::format("a record may have {} bytes; this one has {}: {} of its value{}, and {} of the XML around it", resource_kind.size_max,
                     bytes, bytes - around, escaped, around);
}

}  // namespace

core::result<resource_key> record_client::key_for(const name& n, const record& r, const write_options& o) const {
  resource_key key{.form = key_form::domain, .binding = {}, .name = n};
  if (o.binding) {
    key.binding = *o.binding;
  } else if (self_->certificate.user() == n.subject) {
    key.form = key_form::owner;
    key.binding = self_->certificate.node().octets;
  } else if (n.type == "user location" && !r.locations.empty()) {
    key.binding = binding_of(r.locations.front());
  } else {
    key.binding = self_->certificate.node().octets;
  }
  if (!may_write(key, self_->certificate))
    return core::fail(errc::forbidden, "this node is neither the user named nor has authority for the domain");
  return key;
}

core::result<stored_data> record_client::make_value(const resource_key& key, record r, std::uint32_t lifetime, std::uint64_t at) const {
  r.name = key.name;
  r.lifetime_s = lifetime;
  r.timestamp_ms = at;
  stored_data d;
  d.storage_time = at;
  d.lifetime = lifetime;
  d.value.key = key.encode();
  d.value.value = core::to_bytes(r.xml());
  if (d.value.value.size() > resource_kind.size_max) return core::fail(errc::quota_exceeded, too_long(std::move(r), d.value.value.size()));
  const auto& certificate = self_->certificate;
  if (auto s = check_content(records(), key_of(key.name), d, certificate); !s) return core::fail(s.error());
  sign(d, key_of(key.name), resource_kind.id, *self_);
  return d;
}

core::awaitable<core::result<outcome>> record_client::store_as_asked(name n, record r, std::chrono::seconds lifetime, write_options o,
                                                                     bool if_absent) {
  const auto started = env_.now();
  const auto key = key_for(n, r, o);
  if (!key) co_return core::fail(key.error());
  const auto seconds = static_cast<std::uint32_t>(std::clamp<std::int64_t>(lifetime.count(), 1, resource_kind.lifetime_max));
  storage_times::bounds bounds;
  for (int round = 0; round < newer_retries; ++round) {
    const auto value = make_value(*key, r, seconds, times_.next(bounds));
    if (!value) co_return core::fail(value.error());
    std::vector<stored_data> values;
    values.push_back(*value);
    auto message = store_message(key_of(n), std::move(values), if_absent);
    const auto got = co_await ask_root(key_of(n), std::move(message), started + o.timeout);
    if (!got) co_return core::fail(got.error());
    const auto e = read_error(got->contents);
    if (!e) {
      auto done = outcome_of(key_of(n), *got, started);
      done.storage_time_ms = value->storage_time;
      co_return done;
    }
    if (if_absent && e->code == error_code::data_too_old && e->info == "exists")
      co_return core::fail(errc::already_exists, "this node has a value under this name; update replaces it");
    if (!times_.another_may_do(*e, bounds)) co_return core::fail(to_error(*e));
  }
  co_return core::fail(errc::data_too_old, "stored at " + std::to_string(bounds.stored));
}

core::awaitable<core::result<outcome>> record_client::add(name n, record r, std::chrono::seconds lifetime, write_options o) {
  co_return co_await store_as_asked(std::move(n), std::move(r), lifetime, std::move(o), true);
}

core::awaitable<core::result<outcome>> record_client::update(name n, record r, std::chrono::seconds lifetime, write_options o) {
  co_return co_await store_as_asked(std::move(n), std::move(r), lifetime, std::move(o), false);
}

core::awaitable<core::result<outcome>> record_client::remove(name n, write_options o) {
  const auto started = env_.now();
  const auto deadline = started + o.timeout;
  storage_times::bounds bounds;
  for (int round = 0; round < newer_retries; ++round) {
    auto all = co_await fetch_all(n, true, deadline);
    if (!all) co_return core::fail(all.error());
    std::vector<stored_data> tombstones;
    bool live = false;
    std::uint64_t newest = 0;
    for (const auto& [d, signer] : all->values) {
      const auto key = resource_key::decode(d.value.key);
      if (!d.value.exists || (o.binding && key->binding != *o.binding)) continue;
      live = true;
      if (!may_write(*key, self_->certificate)) continue;
      stored_data t;
      bounds.stands(d.storage_time);
      t.storage_time = newest = times_.next(bounds);
      t.lifetime = resource_kind.lifetime_max;
      t.value.key = d.value.key;
      t.value.exists = false;
      sign(t, key_of(n), resource_kind.id, *self_);
      tombstones.push_back(std::move(t));
    }
    if (!live) co_return core::fail(errc::not_found, "nothing is stored under this name");
    if (tombstones.empty()) co_return core::fail(errc::forbidden, "all values under this name are other users'");
    auto message = store_message(key_of(n), std::move(tombstones), false);
    const auto got = co_await ask_root(key_of(n), std::move(message), deadline);
    if (!got) co_return core::fail(got.error());
    const auto e = read_error(got->contents);
    if (!e) {
      auto done = outcome_of(key_of(n), *got, started);
      done.storage_time_ms = newest;
      co_return done;
    }
    if (!times_.another_may_do(*e, bounds)) co_return core::fail(to_error(*e));
  }
  co_return core::fail(errc::data_too_old, "others keep writing to it");
}

}  // namespace phyllo::overlay
