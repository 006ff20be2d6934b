#include "storage_ring.hpp"

#include <algorithm>
#include <optional>

#include "phyllo/overlay/errc.hpp"
#include "reload/message_codes.hpp"
#include "reload/ring.hpp"

namespace phyllo::testing {

using namespace std::chrono_literals;
using overlay::answer;
using overlay::member;
using overlay::message_contents;
using overlay::node_id;

class storage_ring::node final : public overlay::surroundings {
 public:
  node(storage_ring& r, identity::credential c, std::uint32_t incarnation)
      : ring(r),
        credential(std::make_shared<identity::credential>(std::move(c))),
        id(credential->certificate.node()),
        tasks(r.world.env()) {
    start(incarnation);
  }

  void start(std::uint32_t incarnation) {
    known.clear();
    known[id] = {.node = id, .incarnation = incarnation, .active = true, .suspect = false};
    overlay::storage_options o;
    o.replicas = ring.options_.replicas;
    if (ring.options_.files) o.file = &file;
    service = overlay::storage::create(ring.world.env(), o, credential, ring.trust, *this, numbers, {});
    service->restore();
  }

  const node_id& self() const override { return id; }
  bool active() const override { return running; }
  core::wall_time wall_now() const override { return ring.world.env().wall_now() + skew; }
  // As in so small a ring that nobody knows which is wrong when they differ.
  bool clock_agreed() const override {
    const auto right = [](const auto& n) { return n->skew == core::wall_time::duration::zero(); };
    return known.size() > 1 && std::ranges::all_of(ring.nodes_, right);
  }
  std::size_t leaf_set_size() const override { return ring.options_.leaf_set; }

  std::vector<member> members() const override {
    if (known.size() <= ring.options_.leaf_set + 1) {
      std::vector<member> all;
      for (const auto& [n, m] : known) all.push_back(m);
      return all;
    }
    std::vector<member> clockwise_order;
    for (const auto& [n, m] : known) {
      if (n != id) clockwise_order.push_back(m);
    }
    std::ranges::sort(clockwise_order, {}, [&](const member& m) { return overlay::clockwise(id, m.node); });
    const auto half = static_cast<std::ptrdiff_t>(ring.options_.leaf_set / 2);
    std::vector<member> chosen(clockwise_order.begin(), clockwise_order.begin() + half);
    chosen.insert(chosen.end(), clockwise_order.end() - half, clockwise_order.end());
    chosen.push_back(known.at(id));
    return chosen;
  }

  core::awaitable<core::result<answer>> request(node_id to, message_contents m, core::time_point deadline) override {
    ++ring.requests_;
    std::vector<node_id> path{id, to};
    return carry(to, std::nullopt, std::move(m), deadline, std::move(path));
  }

  core::awaitable<core::result<answer>> request_root(overlay::resource_id to, message_contents m, core::time_point deadline) override {
    auto* at = this;
    std::vector<node_id> path{id};
    while (true) {  // ends at the root or at the deadline
      co_await core::sleep_for(ring.world.env(), 1ms);
      if (ring.world.now() >= deadline) co_return core::fail(overlay::errc::timed_out);
      const auto next = at->next_hop(to);
      if (next == at->id) {
        if (m.code == overlay::code::store_req && at->nearer_suspect(to)) continue;  // held
        break;
      }
      if (!ring.connected(at->id, next)) {  // no acknowledgement comes
        co_await core::sleep_for(ring.world.env(), 200ms);
        const auto known_there = at->known.find(next);
        if (known_there != at->known.end()) known_there->second.suspect = true;
        continue;
      }
      co_await core::sleep_for(ring.world.env(), ring.random_delay());
      if (auto* there = ring.find(next)) {
        at = there;
        path.push_back(next);
      }
    }
    const auto responsible = at->id;
    co_return co_await carry(responsible, to, std::move(m), deadline, std::move(path));
  }

  void request_each(std::vector<node_id> to, message_contents m, core::time_point deadline, answer_handler on_answer) override {
    for (const auto& n : to) tasks.spawn(one_of_each(n, m, deadline, on_answer));
  }

  core::awaitable<core::result<core::bytes>> sync(node_id with, core::bytes body, core::time_point deadline) override {
    ++ring.syncs_;
    co_await core::sleep_for(ring.world.env(), ring.random_delay());
    auto* there = ring.find(with);
    if (there == nullptr || !ring.connected(id, with)) {
      co_await core::sleep_until(ring.world.env(), deadline);
      co_return core::fail(overlay::errc::timed_out);
    }
    auto got = co_await there->service->handle_sync(id, std::move(body));
    co_await core::sleep_for(ring.world.env(), ring.random_delay());
    co_return got;
  }

  void reconcile(node_id) override {}

  void announce_synced(overlay::resource_id first, overlay::resource_id last, std::uint64_t view) override {
    for (const auto& m : members()) {
      if (m.node == id || ring.lost()) continue;
      ring.world.at(ring.world.now() + ring.random_delay(), [&r = ring, from = id, to = m.node, first, last, view] {
        auto* there = r.find(to);
        if (there != nullptr && there->running && r.connected(from, to)) there->service->on_synced(from, first, last, view);
      });
    }
  }

  void remind_unsynced(node_id who) override {
    if (ring.lost()) return;
    ring.world.at(ring.world.now() + ring.random_delay(), [&r = ring, from = id, who] {
      auto* there = r.find(who);
      if (there != nullptr && there->running && r.connected(from, who)) there->service->on_unsynced_here(from);
    });
  }

  const identity::certificate* find_certificate(const identity::sha256_digest&) const override { return nullptr; }

  storage_ring& ring;
  std::shared_ptr<identity::credential> credential;
  node_id id;
  bool running = true;
  core::wall_time::duration skew{};  // of its clock
  std::map<node_id, member> known;
  core::metrics numbers;
  memory_record_file file;
  core::task_scope tasks;
  std::unique_ptr<overlay::storage> service;

 private:
  node_id next_hop(const overlay::resource_id& key) const {
    auto best = id;
    for (const auto& m : members()) {
      if (m.active && !m.suspect && overlay::nearer(m.node, best, key)) best = m.node;
    }
    return best;
  }

  bool nearer_suspect(const overlay::resource_id& key) const {
    return std::ranges::any_of(members(), [&](const member& m) { return m.suspect && overlay::nearer(m.node, id, key); });
  }

  core::awaitable<core::result<answer>> carry(node_id to, std::optional<overlay::resource_id> resource, message_contents m,
                                              core::time_point deadline, std::vector<node_id> path) {
    co_await core::sleep_for(ring.world.env(), ring.random_delay());
    auto* there = ring.find(to);
    if (there == nullptr || !ring.connected(id, to)) {
      co_await core::sleep_until(ring.world.env(), deadline);
      co_return core::fail(overlay::errc::timed_out);
    }
    overlay::incoming in{.contents = std::move(m), .resource = resource, .signer = credential->certificate, .link_peer = id};
    auto contents = co_await there->service->handle(std::move(in));
    const auto arrives = ring.world.now() + ring.random_delay();
    if (!ring.connected(id, to) || !running || arrives > deadline) {
      co_await core::sleep_until(ring.world.env(), deadline);
      co_return core::fail(overlay::errc::timed_out);
    }
    co_await core::sleep_until(ring.world.env(), arrives);
    // The answer's security block holds the answerer's certificate, too.
    contents.certificates.push_back(there->credential->certificate);
    answer a;
    a.contents = std::move(contents);
    a.from = to;
    a.hops = static_cast<unsigned>(path.size() - 1);
    a.path = std::move(path);
    co_return a;
  }

  core::awaitable<void> one_of_each(node_id to, message_contents m, core::time_point deadline, answer_handler on_answer) {
    auto got = co_await request(to, std::move(m), deadline);
    on_answer(to, std::move(got));
  }
};

storage_ring::storage_ring(std::size_t count, options o, std::uint64_t seed)
    : world(seed), ca(identity::authority::create("test", world.env().wall_now() - 1h)), options_(o), random_(seed) {
  REQUIRE(trust.update({ca.certificate_der()}, {}).has_value());
  for (std::size_t i = 0; i < count; ++i) {
    nodes_.push_back(
        std::make_unique<node>(*this, make_credential("user" + std::to_string(i) + "@example.com", {"example.com"}), incarnation_++));
  }
  for (auto& a : nodes_) {
    for (auto& b : nodes_) a->known[b->id] = b->known[b->id];
  }
  // The ring has stood for long: nobody has anything to sync.
  for (auto& n : nodes_) n->service->on_activated();
  world.run_for(5s);
}

storage_ring::~storage_ring() {
  for (auto& n : nodes_) n->running = false;
  for (auto& n : nodes_) n->tasks.cancel();
  for (auto& n : nodes_) world.run(n->service->stop());
  for (auto& n : nodes_) world.run(n->tasks.join());
}

identity::credential storage_ring::make_credential(const std::string& user, std::vector<std::string> domains, core::duration valid) {
  auto key = identity::private_key::generate();
  identity::authority::request r;
  for (auto& b : r.node.octets) b = static_cast<std::uint8_t>(random_());
  r.user = user;
  r.overlay = "test.overlay";
  r.domains = std::move(domains);
  r.not_before = world.env().wall_now() - 1h;
  r.not_after = world.env().wall_now() + std::chrono::duration_cast<core::wall_time::duration>(valid);
  r.peer = true;
  auto certificate = ca.issue(r, key.native()).value();
  return {std::move(certificate), std::move(key)};
}

std::size_t storage_ring::size() const { return nodes_.size(); }
overlay::storage& storage_ring::at(std::size_t i) { return *nodes_[i]->service; }
const identity::credential& storage_ring::credential(std::size_t i) const { return *nodes_[i]->credential; }
const node_id& storage_ring::id(std::size_t i) const { return nodes_[i]->id; }
void storage_ring::set_skew(std::size_t i, core::duration skew) {
  nodes_[i]->skew = std::chrono::duration_cast<core::wall_time::duration>(skew);
}
core::metrics& storage_ring::metrics(std::size_t i) { return nodes_[i]->numbers; }
bool storage_ring::alive(std::size_t i) const { return nodes_[i]->running; }

std::vector<std::size_t> storage_ring::nearest(const overlay::resource_id& key) const {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]->running) order.push_back(i);
  }
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return overlay::nearer(nodes_[a]->id, nodes_[b]->id, key); });
  return order;
}

storage_ring::node* storage_ring::find(const node_id& id) {
  const auto at = std::ranges::find_if(nodes_, [&](const auto& n) { return n->id == id; });
  return at == nodes_.end() ? nullptr : at->get();
}

bool storage_ring::connected(const node_id& a, const node_id& b) const {
  const auto up = [&](const node_id& id) { return std::ranges::any_of(nodes_, [&](const auto& n) { return n->id == id && n->running; }); };
  const auto side = [&](const node_id& id) {
    const auto at = side_.find(id);
    return at == side_.end() ? 0 : at->second;
  };
  return up(a) && up(b) && side(a) == side(b);
}

core::duration storage_ring::random_delay() {
  std::uniform_int_distribution<std::int64_t> d(options_.delay_min.count(), options_.delay_max.count());
  return core::duration(d(random_));
}

bool storage_ring::lost() { return std::uniform_real_distribution<double>(0, 1)(random_) < options_.loss; }

template <class T>
T storage_ring::finish(core::awaitable<T> task) {
  std::optional<T> result;
  const auto keep = [](core::awaitable<T> t, std::optional<T>& into) -> core::awaitable<void> { into.emplace(co_await std::move(t)); };
  world.run(keep(std::move(task), result));
  return std::move(*result);
}

namespace {

overlay::record value_record(const std::string& value) {
  overlay::record r;
  r.value = value;
  return r;
}

}  // namespace

core::result<overlay::outcome> storage_ring::get(std::size_t i, const std::string& name, bool quorum) {
  overlay::read_options o;
  o.quorum = quorum;
  return finish(at(i).records().get(*overlay::name::parse(name), o));
}

core::result<overlay::outcome> storage_ring::add(std::size_t i, const std::string& name, const std::string& value,
                                                 std::chrono::seconds lifetime) {
  return finish(at(i).records().add(*overlay::name::parse(name), value_record(value), lifetime, {}));
}

core::result<overlay::outcome> storage_ring::update(std::size_t i, const std::string& name, const std::string& value,
                                                    std::chrono::seconds lifetime) {
  return finish(at(i).records().update(*overlay::name::parse(name), value_record(value), lifetime, {}));
}

core::result<overlay::outcome> storage_ring::remove(std::size_t i, const std::string& name) {
  return finish(at(i).records().remove(*overlay::name::parse(name), {}));
}

message_contents storage_ring::request(std::size_t from, std::size_t to, message_contents m) {
  return request_as(credential(from), to, std::move(m));
}

message_contents storage_ring::request_as(const identity::credential& signer, std::size_t to, message_contents m) {
  overlay::incoming in{.contents = std::move(m), .resource = std::nullopt, .signer = signer.certificate, .link_peer = std::nullopt};
  return finish(at(to).handle(std::move(in)));
}

core::bytes storage_ring::sync(std::size_t from, std::size_t to, core::bytes body) {
  return finish(at(to).handle_sync(id(from), std::move(body)));
}

void storage_ring::learn(node& at, const node_id& about, core::duration after) {
  world.at(world.now() + after, [this, &at, about] {
    auto* n = find(about);
    if (n == nullptr || !at.running || !connected(at.id, about)) return;
    at.known[about] = n->known[about];
    at.service->on_members_changed();
  });
}

void storage_ring::lose(node& at, const node_id& about) {
  const auto jitter = random_delay() * 10;
  world.at(world.now() + options_.suspected_after + jitter, [this, &at, about] {
    const auto m = at.known.find(about);
    if (!at.running || m == at.known.end() || connected(at.id, about)) return;
    m->second.suspect = true;
    at.service->on_members_changed();
  });
  world.at(world.now() + options_.failed_after + jitter, [this, &at, about] {
    if (!at.running || connected(at.id, about)) return;
    at.known.erase(about);
    at.service->on_members_changed();
  });
}

std::size_t storage_ring::join() {
  auto c = make_credential("user" + std::to_string(nodes_.size()) + "@example.com", {"example.com"});
  nodes_.push_back(std::make_unique<node>(*this, std::move(c), incarnation_++));
  enter(*nodes_.back());
  return nodes_.size() - 1;
}

void storage_ring::enter(node& fresh) {
  for (auto& n : nodes_) {
    if (n->running && n.get() != &fresh) fresh.known[n->id] = n->known[n->id];
  }
  fresh.service->on_activated();
  for (auto& n : nodes_) {
    if (n->running && n.get() != &fresh) learn(*n, fresh.id, random_delay());
  }
}

void storage_ring::leave(std::size_t i) {
  auto& n = *nodes_[i];
  world.run(n.service->hand_over(world.now() + 10s));
  n.running = false;
  n.tasks.cancel();
  for (auto& other : nodes_) {
    if (!other->running) continue;
    other->known.erase(n.id);
    other->service->on_members_changed();
  }
}

void storage_ring::kill(std::size_t i) {
  auto& n = *nodes_[i];
  n.running = false;
  n.tasks.cancel();
  for (auto& other : nodes_) {
    if (other->running) lose(*other, n.id);
  }
}

void storage_ring::restart(std::size_t i) {
  auto& n = *nodes_[i];
  n.running = false;
  world.run(n.service->stop());
  world.run(n.service->save());
  n.start(incarnation_++);
  n.running = true;
  enter(n);
}

memory_record_file& storage_ring::file(std::size_t i) { return nodes_[i]->file; }

void storage_ring::switch_off_and_on(core::duration span) {
  for (auto& n : nodes_) n->running = false;
  for (auto& n : nodes_) world.run(n->service->stop());
  world.run_for(span);
  std::vector<node*> back;
  for (auto& n : nodes_) {
    n->start(incarnation_++);
    n->running = true;
    for (auto* other : back) {
      n->known[other->id] = other->known[other->id];
      other->known[n->id] = n->known[n->id];
    }
    n->service->on_activated();
    for (auto* other : back) other->service->on_members_changed();
    back.push_back(n.get());
    world.run_for(500ms);
  }
}

void storage_ring::partition(const std::vector<std::size_t>& one_side) {
  for (const auto i : one_side) side_[nodes_[i]->id] = 1;
  for (auto& a : nodes_) {
    for (auto& b : nodes_) {
      if (a->running && b->running && !connected(a->id, b->id)) lose(*a, b->id);
    }
  }
}

void storage_ring::heal() {
  side_.clear();
  for (auto& a : nodes_) {
    for (auto& b : nodes_) {
      if (a != b && a->running && b->running) learn(*a, b->id, 1s + random_delay() * 10);
    }
  }
}

bool storage_ring::settle(core::duration limit) {
  const auto quiet = [&] {
    return std::ranges::all_of(nodes_, [](const auto& n) { return !n->running || n->service->counts().under_replicated == 0; });
  };
  const auto end = world.now() + limit;
  while (world.now() < end) {  // ends quiet or at the limit
    if (quiet()) return true;
    world.run_for(100ms);
  }
  return quiet();
}

}  // namespace phyllo::testing
