// What the operations share, and `get` (storage.md; record.md).
#include "storage/record_client.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "kinds/access_policy.hpp"
#include "phyllo/overlay/errc.hpp"
#include "storage/live_state.hpp"
#include "storage/storage_extension.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {

constexpr auto pause_before_retry = 150ms;

message_contents fetch_message(const resource_id& resource, bool quorum) {
  fetch_request body{.resource = resource, .specifiers = {}, .unknown = {}};
  body.specifiers.push_back({.kind = resource_kind.id, .generation = 0, .ranges = {}, .keys = {}});
  message_contents m;
  m.code = code::fetch_req;
  m.body = body.encode(known_kinds());
  m.extensions = encode(request_options{.view = std::nullopt, .quorum = quorum, .if_absent = false});
  return m;
}

// Newest per binding, tombstones left out, in the order of their bindings.
std::vector<stored_value> merged(const std::vector<std::pair<stored_data, identity::certificate>>& values, core::wall_time now) {
  std::map<binding, const std::pair<stored_data, identity::certificate>*> newest;
  for (const auto& v : values) {
    const auto key = resource_key::decode(v.first.value.key);
    auto& best = newest[key->binding];
    if (best == nullptr || best->first.version() < v.first.version()) best = &v;
  }
  std::vector<stored_value> out;
  for (const auto& [b, v] : newest) {
    const auto& [d, signer] = *v;
    if (!d.value.exists) continue;
    auto content = record::parse(core::as_text(d.value.value));
    if (!content || outlived(*content, now)) continue;
    out.push_back({.content = std::move(*content),
                   .signer = signer.user(),
                   .signer_node = signer.node(),
                   .storage_time_ms = d.storage_time,
                   .lifetime_s = d.lifetime,
                   .entry = b});
  }
  return out;
}

}  // namespace

// What is worth asking again for: routes that are being repaired, and a root that has no majority yet.
core::awaitable<core::result<answer>> record_client::ask_root(resource_id key, message_contents m, core::time_point deadline) {
  while (true) {  // ends with an answer that decides, or at the deadline
    if (stopping_ || !ring_.attached()) co_return core::fail(errc::not_joined);
    auto got = co_await ring_.request_root(key, m, deadline);
    const auto e = got ? read_error(got->contents) : core::fail(errc::timed_out);
    const bool transient =
        got ? e.has_value() && e->code == error_code::request_timeout : got.error() == errc::unreachable || got.error() == errc::timed_out;
    if (!transient || env_.now() + pause_before_retry >= deadline) co_return got;
    co_await core::sleep_for(env_, pause_before_retry);
  }
}

outcome record_client::outcome_of(const resource_id& key, const answer& a, core::time_point started) const {
  outcome o;
  o.key = key;
  o.root = a.from;
  o.hops = a.hops;
  o.path = a.path;
  o.took = env_.now() - started;
  if (const auto state = replica_state::of(a.contents)) {
    o.acknowledged = state->holders;
    std::ranges::copy_if(state->members, std::back_inserter(o.replicas), [&](const node_id& n) { return n != a.from; });
  }
  return o;
}

core::awaitable<core::result<record_client::fetched>> record_client::fetch_all(name n, bool quorum, core::time_point deadline) {
  const auto started = env_.now();
  const auto key = key_of(n);
  const auto got = co_await ask_root(key, fetch_message(key, quorum), deadline);
  if (!got) co_return core::fail(got.error());
  co_return believed(n, *got, started);
}

core::result<record_client::fetched> record_client::believed(const name& n, const answer& got, core::time_point started) {
  const auto key = key_of(n);
  if (const auto e = read_error(got.contents)) return core::fail(to_error(*e));
  const auto body = fetch_answer::decode(got.contents.body, kinds_);
  if (got.contents.code != code::fetch_req + 1 || !body) return core::fail(errc::invalid_message, "FetchAns");
  fetched all{outcome_of(key, got, started), {}};
  live_state state;
  for (const auto& k : body->kinds) {
    for (const auto& d : k.values) {
      if (d.signature.certificate_hash() == nullptr) continue;  // synthetic
      state.add(k.kind, d, d.version(), d.lifetime);
      const auto& of = *find_kind(kinds_, k.kind);
      auto signer = judge_.judge_read(of, key, d, got.contents.certificates);
      if (signer) {
        all.values.emplace_back(d, std::move(*signer));
      } else {
        metrics_.drop("value_refused");
      }
    }
  }
  all.result.state = state.digest();
  return all;
}

outcome record_client::outcome_with_values(fetched all) const {
  all.result.values = merged(all.values, ring_.wall_now());
  return std::move(all.result);
}

core::awaitable<core::result<outcome>> record_client::get(name n, read_options o) {
  auto all = co_await fetch_all(n, o.quorum, env_.now() + o.timeout);
  if (!all) co_return core::fail(all.error());
  auto found = outcome_with_values(std::move(*all));
  if (found.values.empty()) co_return core::fail(errc::not_found, "nothing is stored under this name");
  co_return found;
}

}  // namespace phyllo::overlay
