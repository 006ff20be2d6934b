// Reads (storage.md, R1 and R2).
#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "storage/storage_node.hpp"

namespace phyllo::overlay {

using namespace std::chrono_literals;

namespace {
// Nodes learn of a crash one after the other, most within a round trip: the first round is soon asked again. Where they go on to disagree
// (a partition that opens or heals) every further round only costs the whole neighbourhood its answers, just when there is most to do.
constexpr core::duration first_read_pause = 10ms;
constexpr core::duration longest_read_pause = 400ms;
constexpr core::duration look_every =
    50ms;                       // how soon a node that is found dead is no longer waited for, and others are asked for a slow one
constexpr auto round_max = 1s;  // then the ring may look different

// An entry of one Kind among those of others at the same resource: Kind (4), entry.
core::bytes place_of(kind_id kind, const core::bytes& entry) {
  core::bytes out;
  core::wire_writer w(out);
  w.u32(kind);
  w.raw(entry);
  return out;
}
item_key item_at(const resource_id& resource, const core::bytes& place) {
  core::wire_reader r(place);
  const auto kind = r.u32();
  return {resource, kind, core::to_bytes(r.rest())};
}
}  // namespace

core::awaitable<message_contents> storage_node::fetch(incoming request, request_options o) {
  const auto body = fetch_request::decode(request.contents.body, kinds_);
  const auto code = request.contents.code;
  if (!body) co_return make_error(error_code::invalid_message, code == code::fetch_req ? "FetchReq" : "StatReq");
  if (o.view || !body->unknown.empty() || body->specifiers.empty()) co_return local_answer(code, *body);
  auto values = co_await read_values(code, *body, o);
  if (o.watch) leave_out_what_is_seen(values, *body, *o.watch);
  co_return values;
}

core::awaitable<message_contents> storage_node::read_values(std::uint16_t code, fetch_request body, request_options o) {
  if (!o.quorum && may_answer_alone(body.resource)) co_return local_answer(code, body);
  auto span = options_.degraded_after;
  if (o.quorum) span = options_.read_timeout;
  std::vector<kind_id> kinds;
  for (const auto& s : body.specifiers) kinds.push_back(s.kind);
  const auto read = co_await quorum_read(body.resource, std::move(kinds), !o.quorum, env_.now() + span);
  if (read) co_return local_answer(code, body);
  const bool seen = !store_.resources({body.resource, body.resource}).empty();
  if (o.quorum || !seen || reading_) co_return make_error(error_code::request_timeout, "no majority answered in time");
  numbers_.reads_degraded.add();
  co_return local_answer(code, body);
}

bool storage_node::may_answer_alone(const resource_id& key) const {
  const auto self = ring_.self();
  if (!ring_.active() || sets_.root(key) != self || !state_.proven(key)) return false;
  const auto set = sets_.set(key);
  const auto view = sets_.view(key);
  const auto confirms = [&](const member& m) {
    if (m.node == self) return true;
    const auto at = confirmed_.find({m.node, view});
    return at != confirmed_.end() && at->second + options_.confirmed_for >= env_.now() && !state_.unsynced(m.node, key);
  };
  return static_cast<std::size_t>(std::ranges::count_if(set, confirms)) >= quorum(set.size());
}

core::awaitable<core::status> storage_node::quorum_read(resource_id resource, std::vector<kind_id> kinds, bool best_will_do,
                                                        core::time_point deadline) {
  bool wide = false;
  auto pause = first_read_pause;
  while (true) {  // ends with a quorum, with the best there is, or at the deadline
    const auto end = co_await read_round(resource, kinds, wide, deadline);
    if (end == round_end::quorum) co_return core::status();
    // Views may differ for as long as nodes learn of a crash one after the other; the values are in hand.
    const bool best = best_will_do && wide && end == round_end::heard_all && store_.live(resource);
    if (best || env_.now() + pause >= deadline) co_return core::fail(errc::timed_out, "no majority of the replica set agreed");
    wide = true;  // whatever a survivor of a larger loss holds is looked for
    co_await core::sleep_for(env_, pause);
    pause = std::min(2 * pause, longest_read_pause);
  }
}

// Whether an answer is still to be expected, by what the ring is known to be now.
bool storage_node::expects_more(const std::set<node_id>& open) const {
  return std::ranges::any_of(open, [&](const node_id& n) {
    const auto* m = sets_.find(n);
    return m != nullptr && !m->suspect;
  });
}

std::map<core::bytes, version> storage_node::holdings(const resource_id& resource, const std::vector<kind_id>& kinds) const {
  std::map<core::bytes, version> out;
  for (const auto id : kinds) {
    for (const auto* v : store_.values(resource, id)) out.emplace(place_of(id, v->data.value.entry()), v->version);
  }
  return out;
}

message_contents storage_node::replica_fetch(const resource_id& resource, const std::vector<kind_id>& kinds, std::uint64_t view) const {
  fetch_request body{.resource = resource, .specifiers = {}, .unknown = {}};
  for (const auto id : kinds) {
    if (const auto* k = find_kind(kinds_, id); k != nullptr) body.specifiers.push_back(everything_of(*k));  // else a newer document came
  }
  message_contents m;
  m.code = code::fetch_req;
  m.body = body.encode(kinds_);
  m.extensions = encode(request_options{.view = view, .quorum = false, .if_absent = false});
  return m;
}

std::vector<node_id> storage_node::nearest(std::vector<node_id> nodes, std::size_t count) const {
  std::ranges::sort(nodes, {}, [&](const node_id& n) { return std::pair(ring_.round_trip(n), n); });
  nodes.resize(std::min(nodes.size(), count));
  return nodes;
}

core::awaitable<storage_node::round_end> storage_node::read_round(resource_id resource, std::vector<kind_id> kinds, bool wide,
                                                                  core::time_point deadline) {
  refresh();
  const auto self = ring_.self();
  const auto view = sets_.view(resource);
  const auto set = sets_.set(resource);
  phyllo::overlay::read_quorum q(set, self, view, state_.unsynced(set, resource));
  q.take(self, std::nullopt, holdings(resource, kinds));
  const auto m = replica_fetch(resource, kinds, view);
  std::set<node_id> open;
  for (const auto& t : wide ? sets_.neighbourhood(resource) : set) open.insert(t.node);
  open.erase(self);
  const auto until = std::min(deadline, env_.now() + round_max);
  const auto box = make_arrivals(open.size());
  // The nearest that make a quorum are asked; the others too, when one of these is slow or gives no answer that counts.
  auto first = nearest(q.promising(), q.missing());
  if (wide) first.assign(open.begin(), open.end());
  auto later = open;
  for (const auto& n : first) later.erase(n);
  ask_each(box, std::move(first), m, until, resource);
  // Ends with a quorum, at the deadline, or when nobody is left of whom an answer is expected.
  for (bool slow = false; q.next() != read_quorum::step::done && expects_more(open) && env_.now() < until;) {
    if (slow || open.size() - later.size() < q.missing()) {
      ask_each(box, {later.begin(), later.end()}, m, until, resource);
      later.clear();
    }
    const auto next = co_await box->receive(std::min(until, env_.now() + look_every));
    refresh();
    slow = !next;
    if (!next) continue;
    open.erase(next->from);
    take_fetched(next->from, resource, next->got, q);
  }
  if (q.next() != read_quorum::step::done || sets_.view(resource) != view) {
    const bool heard_all = !expects_more(open) && q.answered() >= quorum(set.size());
    co_return heard_all ? round_end::heard_all : round_end::open;
  }
  auto shortage = q.short_of();
  if (!shortage.entries.empty()) co_await write_back(resource, std::move(shortage), until);
  co_return round_end::quorum;
}

void storage_node::take_fetched(const node_id& from, const resource_id& resource, const core::result<answer>& got,
                                phyllo::overlay::read_quorum& q) {
  if (!got || got->contents.code != code::fetch_req + 1) {
    q.failed(from);
    return;
  }
  q.take(from, replica_state::of(got->contents), merge_fetched(resource, got->contents));
}

std::map<core::bytes, version> storage_node::merge_fetched(const resource_id& resource, const message_contents& m) {
  std::map<core::bytes, version> holds;
  const auto body = fetch_answer::decode(m.body, kinds_);
  if (m.code != code::fetch_req + 1 || !body) return holds;
  for (const auto& k : body->kinds) {
    bool changed = false;
    bool any = false;
    for (const auto& d : k.values) {
      if (d.signature.certificate_hash() == nullptr) continue;  // synthetic: nothing is stored there
      const auto signer = judge_.judge(*find_kind(kinds_, k.kind), resource, d, m.certificates);
      const bool fits = signer && store_.room_for(resource, *find_kind(kinds_, k.kind), {d}, {signer->user()});
      if (!fits) {
        metrics_.drop("value_refused");
        continue;
      }
      holds.emplace(place_of(k.kind, d.value.entry()), d.version());
      any = true;
      changed |= store_.put(resource, k.kind, d, *signer, env_.now(), judge_.order()) == replica_store::outcome::stored;
    }
    if (any) store_.raise_generation(resource, k.kind, k.generation + (changed ? 1 : 0));
  }
  return holds;
}

core::awaitable<void> storage_node::write_back(resource_id resource, phyllo::overlay::read_quorum::shortage s, core::time_point deadline) {
  std::vector<item_key> keys;
  for (const auto& place : s.entries) keys.push_back(item_at(resource, place));
  const std::vector<node_id> targets(s.lacking.begin(), s.lacking.end());
  // Without F001: the values were answered for before, so their holders are what counts, not the view.
  auto message = replica_message(resource, keys, std::nullopt, 1);
  const auto box = make_arrivals(targets.size());
  ask_each(box, targets, std::move(message), deadline, resource);
  std::size_t held = 0;
  for (std::size_t open = targets.size(); open > 0 && held < s.needed; --open) {
    const auto next = co_await box->receive(deadline);
    if (!next) break;
    const auto& got = next->got;
    if (!got) continue;
    const auto e = read_error(got->contents);
    const bool newer_there = e.has_value() && e->code == error_code::data_too_old;
    held += got->contents.code == code::store_req + 1 || newer_there ? 1 : 0;
  }
}

}  // namespace phyllo::overlay
