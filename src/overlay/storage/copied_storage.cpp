#include "storage/copied_storage.hpp"

#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"
#include "storage/replica_messages.hpp"
#include "storage/storage_metrics.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr core::duration copied_within = 1s;  // then the writer is answered, whoever holds it
constexpr core::duration store_timeout = 5s;
constexpr std::size_t stores_at_once = 32;  // of those to one node
constexpr core::duration tidied_every = 10s;
constexpr core::duration kept_displaced = 60s;  // what belongs elsewhere: its copies are under way

}  // namespace

copied_records::copied_records(const replica_places& places, const storage_options& options)
    : places_(places),
      kinds_(options.kinds.empty() ? std::vector<kind>(known_kinds().begin(), known_kinds().end()) : options.kinds),
      store_(known_kinds(), options, options.quotas) {}

std::vector<item_key> copied_records::entries_of(const resource_id& resource) const {
  std::vector<item_key> out;
  for (const auto& k : kinds_) {
    for (const auto* v : store_.values(resource, k.id)) out.push_back({resource, k.id, v->data.value.entry()});
  }
  return out;
}

copied_storage::copied_storage(core::environment& env, storage_options options, std::shared_ptr<const identity::credential> self,
                               const identity::trust& trust, surroundings& ring, const replica_places& places, core::metrics& metrics)
    : env_(env),
      options_(std::move(options)),
      self_(std::move(self)),
      ring_(ring),
      places_(places),
      values_(storage_metrics(metrics).values),
      held_(places, options_),
      judge_(self_, trust, ring, &held_.store()),
      client_(env, self_, ring, judge_, held_.kinds(), metrics),
      answers_(env, *self_, held_),
      rules_(env, ring, held_, judge_, metrics),
      watches_(env, ring, held_, answers_, options_, metrics),
      tasks_(env) {
  held_.store().on_change([this](const resource_id& resource) { on_change(resource); });
  tasks_.spawn(tidy());
}

core::awaitable<void> copied_storage::stop() {
  client_.stop();
  watches_.stop();
  tasks_.cancel();
  co_await tasks_.join();
}

void copied_storage::on_change(const resource_id& resource) {
  watches_.changed(resource);
  for (auto& p : passing_) {
    if (p.where.contains(resource)) p.left.insert(resource);
  }
  values_.set(static_cast<double>(held_.store().size()));
}

core::awaitable<message_contents> copied_storage::handle(incoming request) {
  const auto options = decode(request.contents.extensions);
  if (!options) co_return make_error(options.error());
  const auto o = *options;
  switch (request.contents.code) {
    case code::store_req: co_return co_await store(std::move(request), o);
    case code::fetch_req:
    case code::stat_req: co_return fetch(request, o);
    case code::find_req: co_return answers_.find(request);
    default: co_return make_error(error_code::invalid_message, "not a method of storage");
  }
}

message_contents copied_storage::fetch(const incoming& request, const request_options& o) const {
  const auto code = request.contents.code;
  const auto body = fetch_request::decode(request.contents.body, held_.kinds());
  if (!body) return make_error(error_code::invalid_message, code == code::fetch_req ? "FetchReq" : "StatReq");
  auto values = answers_.make(code, *body);
  if (o.watch) answers_.leave_out_what_is_seen(values, *body, *o.watch);
  return values;
}

core::awaitable<message_contents> copied_storage::store(incoming request, request_options o) {
  auto body = store_rules::read(request.contents.body, held_.kinds());
  if (!body) co_return std::move(body.error());
  if (body->replica_number != 0) co_return replica_store_request(request, *body);
  co_return co_await original_store(std::move(request), std::move(*body), o);
}

core::awaitable<message_contents> copied_storage::original_store(incoming request, store_request body, request_options o) {
  if (!places_.responsible(body.resource)) co_return make_error(error_code::request_timeout, "not responsible now");
  store_rules::certificates signers;
  rules_.place_appended(body);
  if (auto refused = rules_.judge_all(request, body, true, signers)) co_return std::move(*refused);
  if (auto refused = rules_.conditions(body, o)) co_return std::move(*refused);
  rules_.take_original(body, signers);
  auto keys = store_rules::keys_of(body);
  const auto holders = co_await copy(body.resource, keys);
  co_return rules_.answer_for(body.resource, keys, holders);
}

message_contents copied_storage::replica_store_request(const incoming& request, const store_request& body) {
  const auto members = ring_.members();
  const bool of_neighbour = std::ranges::find(members, request.signer.node(), &member::node) != members.end();
  if (!of_neighbour) return make_error(error_code::forbidden, "not of a neighbour");
  store_rules::certificates signers;
  if (auto refused = rules_.judge_all(request, body, false, signers)) return std::move(*refused);
  if (auto refused = rules_.conditions(body, {})) return std::move(*refused);
  rules_.take_copy(body, signers);
  return rules_.answer_for(body.resource, store_rules::keys_of(body), 0);
}

message_contents copied_storage::copy_of(const resource_id& resource, const std::vector<item_key>& keys,
                                         std::uint8_t replica_number) const {
  return replica_store_message(held_.store(), self_->certificate, resource, keys, std::nullopt, env_.now(), replica_number);
}

core::awaitable<void> copied_storage::store_at(node_id to, message_contents m, std::shared_ptr<core::mailbox<bool>> done) {
  const auto got = co_await ring_.request(to, std::move(m), env_.now() + store_timeout);
  const auto refused = got ? read_error(got->contents) : core::fail(errc::timed_out);
  const bool newer_there = refused && refused->code == error_code::data_too_old;
  done->push(got && (got->contents.code == code::store_req + 1 || newer_there));
}

// "When a storing peer saves replicas to other peers each peer is assigned a replica number, starting from 1" (s.7.4.1.1).
core::awaitable<unsigned> copied_storage::copy(resource_id resource, std::vector<item_key> keys) {
  const auto replicas = places_.replicas();
  const auto done = std::make_shared<core::mailbox<bool>>(env_, replicas.size());
  std::uint8_t number = 0;
  for (const auto& n : replicas) tasks_.spawn(store_at(n, copy_of(resource, keys, ++number), done));
  const auto until = env_.now() + copied_within;
  unsigned holders = 1;
  for (std::size_t open = replicas.size(); open > 0; --open) {
    const auto held = co_await done->receive(until);
    if (!held) break;
    holders += *held ? 1 : 0;
  }
  co_return holders;
}

core::awaitable<void> copied_storage::give(node_id to, std::vector<arc> where) {
  const auto here = passing_.emplace(passing_.end());
  struct ended {
    std::list<passing>& list;
    std::list<passing>::iterator at;
    ~ended() { list.erase(at); }
  };
  const ended at_the_end{passing_, here};
  for (const auto& a : where) {
    here->where.add(a);
    for (const auto& r : held_.store().resources(a)) here->left.insert(r);
  }
  const auto done = std::make_shared<core::mailbox<bool>>(env_, stores_at_once);
  std::size_t open = 0;
  std::size_t failed = 0;
  while ((!here->left.empty() || open > 0) &&
         failed < stores_at_once) {  // each turn sends one or hears of one; who is dead answers nothing
    if (!here->left.empty() && open < stores_at_once) {
      const auto resource = here->left.extract(here->left.begin()).value();
      const auto keys = held_.entries_of(resource);
      if (keys.empty()) continue;
      ++open;
      tasks_.spawn(store_at(to, copy_of(resource, keys, 1), done));
      continue;
    }
    const auto held = co_await done->receive(env_.now() + 2 * store_timeout);
    --open;
    failed += held && *held ? 0 : 1;
  }
}

storage_counts copied_storage::counts() const {
  storage_counts c;
  for (const auto& resource : held_.store().resources(whole_ring())) {
    if (!held_.store().live(resource)) continue;
    ++c.records;
    if (places_.responsible(resource)) {
      ++c.primary;
    } else if (places_.keeps(resource)) {
      ++c.replicas;
    }
  }
  c.synced = passing_.empty();
  return c;
}

core::awaitable<void> copied_storage::tidy() {
  while (true) {  // ends by cancellation at stop()
    co_await core::sleep_for(env_, tidied_every);
    held_.store().expire(env_.now());
    drop_displaced();
  }
}

// "the peer SHOULD ... remove" what it is neither responsible for nor a replica of (s.10.7.3).
void copied_storage::drop_displaced() {
  const auto now = env_.now();
  std::map<resource_id, core::time_point> still;
  for (const auto& resource : held_.store().resources(whole_ring())) {
    if (!ring_.active() || places_.keeps(resource)) continue;
    const auto known = displaced_.find(resource);
    const auto since = known == displaced_.end() ? now : known->second;
    if (since + kept_displaced > now) {
      still.emplace(resource, since);
    } else {
      held_.store().erase(resource);
    }
  }
  displaced_ = std::move(still);
}

}  // namespace phyllo::overlay
