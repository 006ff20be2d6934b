#include "storage/record_reader.hpp"

#include <algorithm>
#include <utility>

#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"
#include "storage/replica_messages.hpp"

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

core::awaitable<message_contents> record_reader::read(std::uint16_t code, fetch_request body, request_options o) {
  if (!o.quorum && may_answer_alone(body.resource)) co_return answers_.make(code, body);
  auto span = options_.degraded_after;
  if (o.quorum) span = options_.read_timeout;
  std::vector<kind_id> kinds;
  for (const auto& s : body.specifiers) kinds.push_back(s.kind);
  const auto read = co_await quorum_read(body.resource, std::move(kinds), !o.quorum, env_.now() + span);
  if (read) co_return answers_.make(code, body);
  const bool seen = !share_.store().resources({body.resource, body.resource}).empty();
  if (o.quorum || !seen || share_.reading()) co_return make_error(error_code::request_timeout, "no majority answered in time");
  degraded_.add();
  co_return answers_.make(code, body);
}

bool record_reader::may_answer_alone(const resource_id& key) const {
  const auto self = ring_.self();
  if (!ring_.active() || share_.sets().root(key) != self || !share_.state().proven(key)) return false;
  const auto set = share_.sets().set(key);
  const auto view = share_.sets().view(key);
  const auto confirms = [&](const member& m) {
    return m.node == self || (asker_.confirms(m.node, view) && !share_.state().unsynced(m.node, key));
  };
  return static_cast<std::size_t>(std::ranges::count_if(set, confirms)) >= quorum(set.size());
}

core::awaitable<core::status> record_reader::quorum_read(resource_id resource, std::vector<kind_id> kinds, bool best_will_do,
                                                         core::time_point deadline) {
  bool wide = false;
  auto pause = first_read_pause;
  while (true) {  // ends with a quorum, with the best there is, or at the deadline
    const auto end = co_await read_round(resource, kinds, wide, deadline);
    if (end == round_end::quorum) co_return core::status();
    // Views may differ for as long as nodes learn of a crash one after the other; the values are in hand.
    const bool best = best_will_do && wide && end == round_end::heard_all && share_.store().live(resource);
    if (best || env_.now() + pause >= deadline) co_return core::fail(errc::timed_out, "no majority of the replica set agreed");
    wide = true;  // whatever a survivor of a larger loss holds is looked for
    co_await core::sleep_for(env_, pause);
    pause = std::min(2 * pause, longest_read_pause);
  }
}

// Whether an answer is still to be expected, by what the ring is known to be now.
bool record_reader::expects_more(const std::set<node_id>& open) const {
  return std::ranges::any_of(open, [&](const node_id& n) {
    const auto* m = share_.sets().find(n);
    return m != nullptr && !m->suspect;
  });
}

std::map<core::bytes, version> record_reader::holdings(const resource_id& resource, const std::vector<kind_id>& kinds) const {
  std::map<core::bytes, version> out;
  for (const auto id : kinds) {
    for (const auto* v : share_.store().values(resource, id)) out.emplace(place_of(id, v->data.value.entry()), v->version);
  }
  return out;
}

std::vector<node_id> record_reader::nearest(std::vector<node_id> nodes, std::size_t count) const {
  std::ranges::sort(nodes, {}, [&](const node_id& n) { return std::pair(ring_.round_trip(n), n); });
  nodes.resize(std::min(nodes.size(), count));
  return nodes;
}

core::awaitable<record_reader::round_end> record_reader::read_round(resource_id resource, std::vector<kind_id> kinds, bool wide,
                                                                    core::time_point deadline) {
  share_.refresh();
  const auto self = ring_.self();
  const auto view = share_.sets().view(resource);
  const auto set = share_.sets().set(resource);
  read_quorum q(set, self, view, share_.state().unsynced(set, resource));
  q.take(self, std::nullopt, holdings(resource, kinds));
  const auto m = replica_fetch_message(share_.kinds(), resource, kinds, view);
  std::set<node_id> open;
  for (const auto& t : wide ? share_.sets().neighbourhood(resource) : set) open.insert(t.node);
  open.erase(self);
  const auto until = std::min(deadline, env_.now() + round_max);
  const auto box = asker_.make_arrivals(open.size());
  // The nearest that make a quorum are asked; the others too, when one of these is slow or gives no answer that counts.
  auto first = nearest(q.promising(), q.missing());
  if (wide) first.assign(open.begin(), open.end());
  auto later = open;
  for (const auto& n : first) later.erase(n);
  asker_.ask_each(box, std::move(first), m, until, resource);
  // Ends with a quorum, at the deadline, or when nobody is left of whom an answer is expected.
  for (bool slow = false; q.next() != read_quorum::step::done && expects_more(open) && env_.now() < until;) {
    if (slow || open.size() - later.size() < q.missing()) {
      asker_.ask_each(box, {later.begin(), later.end()}, m, until, resource);
      later.clear();
    }
    const auto next = co_await box->receive(std::min(until, env_.now() + look_every));
    share_.refresh();
    slow = !next;
    if (!next) continue;
    open.erase(next->from);
    take_fetched(next->from, resource, next->got, q);
  }
  if (q.next() != read_quorum::step::done || share_.sets().view(resource) != view) {
    const bool heard_all = !expects_more(open) && q.answered() >= quorum(set.size());
    co_return heard_all ? round_end::heard_all : round_end::open;
  }
  auto shortage = q.short_of();
  if (!shortage.entries.empty()) co_await write_back(resource, std::move(shortage), until);
  co_return round_end::quorum;
}

void record_reader::take_fetched(const node_id& from, const resource_id& resource, const core::result<answer>& got, read_quorum& q) {
  if (!got || got->contents.code != code::fetch_req + 1) {
    q.failed(from);
    return;
  }
  q.take(from, replica_state::of(got->contents), merge_fetched(resource, got->contents));
}

std::map<core::bytes, version> record_reader::merge_fetched(const resource_id& resource, const message_contents& m) {
  std::map<core::bytes, version> holds;
  const auto body = fetch_answer::decode(m.body, share_.kinds());
  if (m.code != code::fetch_req + 1 || !body) return holds;
  for (const auto& k : body->kinds) {
    bool changed = false;
    bool any = false;
    for (const auto& d : k.values) {
      if (d.signature.certificate_hash() == nullptr) continue;  // synthetic: nothing is stored there
      const auto signer = judge_.judge(*find_kind(share_.kinds(), k.kind), resource, d, m.certificates);
      const bool fits = signer && share_.store().room_for(resource, *find_kind(share_.kinds(), k.kind), {d}, {signer->user()});
      if (!fits) {
        metrics_.drop("value_refused");
        continue;
      }
      holds.emplace(place_of(k.kind, d.value.entry()), d.version());
      any = true;
      changed |= share_.store().put(resource, k.kind, d, *signer, env_.now(), judge_.order()) == replica_store::outcome::stored;
    }
    if (any) share_.store().raise_generation(resource, k.kind, k.generation + (changed ? 1 : 0));
  }
  return holds;
}

core::awaitable<void> record_reader::write_back(resource_id resource, read_quorum::shortage s, core::time_point deadline) {
  std::vector<item_key> keys;
  for (const auto& place : s.entries) keys.push_back(item_at(resource, place));
  const std::vector<node_id> targets(s.lacking.begin(), s.lacking.end());
  // Without F001: the values were answered for before, so their holders are what counts, not the view.
  auto message = replica_store_message(share_.store(), self_.certificate, resource, keys, std::nullopt, env_.now());
  const auto box = asker_.make_arrivals(targets.size());
  asker_.ask_each(box, targets, std::move(message), deadline, resource);
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
