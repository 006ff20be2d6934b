#include "storage/sync_exchange.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
constexpr auto request_max = 3s;
constexpr core::duration reconcile_pause = 1s + 1ns;  // with one partner: more than a second
constexpr auto relay_after = 1s;
constexpr std::size_t keys_of_one_request = 200;
}  // namespace

core::awaitable<core::result<sync_answer>> sync_exchange::ask(node_id partner, sync_request s) {
  const auto got = co_await ring_.sync(partner, s.encode(), env_.now() + request_max);
  if (!got) co_return core::fail(got.error());
  auto a = sync_answer::decode(*got);
  if (!a) co_return core::fail(errc::invalid_message, "SyncAns");
  co_return std::move(*a);
}

core::awaitable<sync_exchange::end> sync_exchange::sync_arc(node_id partner, sync_job job) {
  std::vector<arc> open{job.where};
  difference d;
  bool same_view = true;
  while (!open.empty()) {  // each step narrows an arc or ends it
    sync_request s{.where = open.back(), .view = job.view, .ask = sync_ask::compare, .content = {}};
    open.pop_back();
    core::append(s.content, arc_digest(share_.store(), s.where));
    const auto where = s.where;
    const auto a = co_await ask(partner, std::move(s));
    if (!a) co_return end::silent;
    if (a->kind == sync_reply::stranger) same_view = false;
    same_view = same_view && (a->view == job.view || job.view == 0);
    if (a->kind == sync_reply::children) {
      const auto digests = decode_digests(a->content);
      const auto parts = split(where);
      if (!digests || digests->size() != parts.size() || parts.size() < 2) co_return end::silent;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (arc_digest(share_.store(), parts[i]) != (*digests)[i]) open.push_back(parts[i]);
      }
    } else if (a->kind == sync_reply::items) {
      const auto items = decode_items(a->content);
      if (!items) co_return end::silent;
      auto found = compare(share_.store(), where, *items, judge_.order());
      std::ranges::move(found.wanted, std::back_inserter(d.wanted));
      std::ranges::move(found.offered, std::back_inserter(d.offered));
    }
  }
  if (same_view) {
    disagreements_.end(partner, job.where);
  } else {
    disagreements_.begin(partner, job.where, env_.now());
    ring_.reconcile(partner);
  }
  // Whoever has compared, but not got what was newer there, has not synced.
  bool whole = true;
  if (job.pull) whole = co_await pull_values(partner, job, std::move(d.wanted));
  if (job.push && whole) whole = co_await push_values(partner, job, std::move(d.offered));
  if (!whole) co_return end::silent;
  co_return same_view ? end::agreed : end::disagreed;
}

core::awaitable<bool> sync_exchange::pull_values(node_id partner, sync_job job, std::vector<item_key> wanted) {
  while (!wanted.empty()) {  // each answer takes some away, or it ends
    const auto count = std::min(wanted.size(), keys_of_one_request);
    const std::vector<item_key> part(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(count));
    sync_request s{.where = job.where, .view = job.view, .ask = sync_ask::fetch, .content = encode_keys(part)};
    const auto a = co_await ask(partner, std::move(s));
    if (!a || a->kind != sync_reply::values) co_return false;
    const auto values = sync_values::decode(a->content, share_.kinds(), trust_);
    if (!values) co_return false;
    take_values(*values);
    std::set<item_key> given;
    for (const auto& v : values->values) given.insert({v.resource, v.kind, v.data.value.entry()});
    const auto before = wanted.size();
    std::erase_if(wanted, [&](const item_key& k) { return given.contains(k); });
    if (wanted.size() == before) wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(count));  // gone there meanwhile
  }
  co_return true;
}

core::awaitable<bool> sync_exchange::push_values(node_id partner, sync_job job, std::vector<item_key> offered) {
  while (!offered.empty()) {  // take_batch takes at least one
    const auto batch = take_batch(share_.store(), offered, env_.now());
    if (batch.values.empty()) continue;
    sync_request s{.where = job.where, .view = job.view, .ask = sync_ask::store, .content = batch.encode()};
    const auto a = co_await ask(partner, std::move(s));
    if (!a || a->kind != sync_reply::taken) co_return false;
    for (const auto& v : batch.values) share_.late().given(partner, v.resource);
  }
  co_return true;
}

void sync_exchange::take_values(const sync_values& v) {
  for (const auto& value : v.values) {
    const auto& k = *find_kind(share_.kinds(), value.kind);
    const auto signer = judge_.judge(k, value.resource, value.data, v.certificates);
    const bool fits = signer && share_.store().room_for(value.resource, k, {value.data}, {signer->user()});
    if (!fits) {
      metrics_.drop("value_refused");
      continue;
    }
    const auto stored =
        share_.store().put(value.resource, value.kind, value.data, *signer, env_.now(), judge_.order()) == replica_store::outcome::stored;
    // It came to the nearest node that its holder knows: this one may know a nearer one.
    if (stored && !share_.sets().has(value.resource, ring_.self())) displaced_.offer_by(env_.now() + relay_after);
    share_.store().raise_generation(value.resource, value.kind, value.generation);
  }
}

core::awaitable<core::bytes> sync_exchange::handle(node_id from, core::bytes sync) {
  share_.refresh();
  const auto request = sync_request::decode(sync);
  sync_answer refused;
  refused.kind = sync_reply::stranger;
  if (!request || !share_.knows(from)) {
    metrics_.drop("sync_refused");
    co_return refused.encode();
  }
  co_return answer_to(from, *request).encode();
}

sync_answer sync_exchange::answer_to(const node_id& from, const sync_request& s) {
  sync_answer a;
  a.view = share_.sets().view(s.where).value_or(0);
  if (s.ask == sync_ask::fetch) {
    auto keys = decode_keys(s.content).value_or(std::vector<item_key>{});
    a.kind = sync_reply::values;
    a.content = take_batch(share_.store(), keys, env_.now()).encode();
    return a;
  }
  if (s.ask == sync_ask::store) {
    a.kind = sync_reply::taken;
    if (const auto values = sync_values::decode(s.content, share_.kinds(), trust_)) take_values(*values);
    return a;
  }
  if (a.view == s.view) {
    share_.state().answered(from, s.where);
  } else {
    asker_.reconcile(from, reconcile_pause);
  }
  const auto digest = arc_digest(share_.store(), s.where);
  if (std::ranges::equal(digest, s.content)) return a;
  const auto parts = split(s.where);
  auto content = encode_items(list_items(share_.store(), s.where, sync_bytes_max));
  if (content.size() <= sync_bytes_max || parts.size() < 2) {
    a.kind = sync_reply::items;
    a.content = std::move(content);
    return a;
  }
  std::vector<item_digest> digests;
  for (const auto& part : parts) digests.push_back(arc_digest(share_.store(), part));
  a.kind = sync_reply::children;
  a.content = encode_digests(digests);
  return a;
}
}  // namespace phyllo::overlay
