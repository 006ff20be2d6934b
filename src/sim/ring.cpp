#include "phyllo/sim/ring.hpp"

#include <algorithm>

namespace phyllo::sim {
namespace {

using namespace std::chrono_literals;
constexpr unsigned bootstrap_nodes = 8;  // that a configuration document names

constexpr std::size_t gates_tried = 64;
constexpr core::duration longest_call = 20s;

// Arithmetic on the ring of 2^128 points, apart from the overlay's own: an oracle errs on its own.
__extension__ using number = unsigned __int128;

number value(const identity::node_id& id) {
  number v = 0;
  for (const auto o : id.octets) v = v << 8 | o;
  return v;
}

number distance(const identity::node_id& a, const identity::node_id& b) { return std::min(value(a) - value(b), value(b) - value(a)); }

bool nearer(const node* a, const node* b, const identity::node_id& key) {
  const auto x = distance(a->id(), key);
  const auto y = distance(b->id(), key);
  return x != y ? x < y : a->id() < b->id();
}

}  // namespace

ring::ring(ring_options o)
    : options_(std::move(o)),
      world_(options_.seed),
      issuer_(make_issuer(options_.crypto, options_.overlay_name, world_.wall_now(), options_.seed)),
      network_(world_) {}

ring::~ring() {
  for (auto& n : nodes_) static_cast<void>(n->peer.release());
  for (auto& p : buried_) static_cast<void>(p.release());
}

node& ring::add(std::string user, std::vector<std::string> domains) {
  auto n = std::make_unique<node>();
  n->index = network_.size();
  if (user.empty()) user = "node" + std::to_string(n->index) + "@" + options_.overlay_name;
  if (domains.empty()) domains = options_.domains;
  const auto now = world_.wall_now();
  issuer::request r{random_id(), std::move(user), std::move(domains), now - 24h, now + 24h * 365};
  n->credential = std::make_shared<identity::credential>(issuer_->issue(r));
  n->host = &network_.add(n->credential->certificate);
  nodes_.push_back(std::move(n));
  return *nodes_.back();
}

void ring::make_peer(node& n, overlay::peer_options o) {
  if (!n.host->alive()) network_.restart(n.index, n.credential->certificate);
  if (options_.own_trust && !n.trust) n.trust = issuer_->make_trust();
  auto& trust = n.trust ? *n.trust : issuer_->trust();
  auto document = options_.document ? options_.document(n.index) : issuer_->configuration();
  n.peer = overlay::peer::create(n.host->env(), o, n.credential, std::move(document), trust, *n.host, metrics_, core::logger());
}

void ring::start(node& n, join_handler done) {
  auto o = options_.peer;
  o.first = active_.empty() && joining_ == 0;
  make_peer(n, o);
  world_.spawn(join(n, n.peer.get(), std::move(done)));
}

core::awaitable<void> ring::join(node& n, overlay::peer* p, join_handler done) {
  ++joining_;
  std::vector<transport::candidate> through;
  if (const auto* gate = gate_for(n)) through.push_back(network::candidate(gate->index));
  const auto joined = co_await p->join(std::move(through), world_.now() + options_.join_limit);
  --joining_;
  const bool current = n.peer.get() == p;  // else it was killed meanwhile
  if (joined && current) note_active(n);
  if (done) done(n, joined);
}

void ring::attach(node& n, join_handler done) {
  auto o = options_.peer;
  o.client = true;
  make_peer(n, o);
  world_.spawn(attach(n, n.peer.get(), std::move(done)));
}

core::awaitable<void> ring::attach(node& n, overlay::peer* p, join_handler done) {
  std::vector<transport::candidate> through;
  for (unsigned i = 0; i < bootstrap_nodes; ++i) through.push_back(network::candidate(random_active().index));
  const auto attached = co_await p->join(std::move(through), world_.now() + options_.join_limit);
  if (done && n.peer.get() == p) done(n, attached);
}

// Whoever joins has been told of a node on its own side of a partition: the nearest of those it chose among.
const node* ring::gate_for(const node& n) {
  const node* best = nullptr;
  std::size_t found = 0;
  for (std::size_t i = 0; i < options_.bootstrap_choice + gates_tried && found < options_.bootstrap_choice && !active_.empty(); ++i) {
    const auto& drawn = random_active();
    if (!network_.reach(n.index, drawn.index)) continue;
    ++found;
    if (best == nullptr || network_.distance(n.index, drawn.index) < network_.distance(n.index, best->index)) best = &drawn;
  }
  return best;
}

// What was asked of a process that is gone ends by itself, within its deadline: until then the peer is there.
core::awaitable<void> ring::bury(std::unique_ptr<overlay::peer> p, bool leave) {
  if (leave) {
    co_await p->leave();
  } else {
    co_await p->stop();
  }
  buried_.push_back(std::move(p));
  world_.at(world_.now() + longest_call, [this] { buried_.pop_front(); });
}

void ring::kill(node& n) {
  note_inactive(n);
  network_.kill(n.index);
  if (n.peer) world_.spawn(bury(std::move(n.peer), false));
}

void ring::leave(node& n) {
  note_inactive(n);
  if (n.peer) world_.spawn(bury(std::move(n.peer), true));
}

bool ring::grow(std::size_t count, core::duration limit, const std::function<void(std::size_t)>& progress) {
  const auto end = world_.now() + limit;
  while (active_.size() < count && world_.now() < end) {  // ends with enough, or in time
    const auto room = static_cast<std::size_t>(static_cast<double>(active_.size()) * options_.joining_share) + 1;
    const auto wanted = std::min({room, options_.joining_max, count - active_.size()});
    while (joining_ < wanted) {  // ends: each adds one
      start(add(), [this, progress](node& n, const core::status& s) {
        if (s && progress) progress(active_.size());
        if (!s) kill(n);
      });
      world_.run_for(0s);
    }
    const auto before = joining_;
    world_.run_until([&] { return joining_ < before; }, end - world_.now());
  }
  return active_.size() >= count;
}

void ring::stop() {
  for (auto& n : nodes_) {
    note_inactive(*n);
    if (n->peer) world_.spawn(bury(std::move(n->peer), false));
  }
  world_.run_for(longest_call + 1s);
}

void ring::note_active(node& n) {
  n.active = true;
  n.active_since = world_.now();
  active_[n.id()] = &n;
  place_[&n] = list_.size();
  list_.push_back(&n);
}

void ring::note_inactive(node& n) {
  if (!std::exchange(n.active, false)) return;
  active_.erase(n.id());
  const auto place = place_.extract(&n).mapped();
  if (list_.back() != &n) {
    list_[place] = list_.back();
    place_[list_[place]] = place;
  }
  list_.pop_back();
}

node* ring::find(const identity::node_id& id) const {
  const auto at = active_.find(id);
  return at == active_.end() ? nullptr : at->second;
}

node& ring::random_active() { return *list_[world_.random()() % list_.size()]; }
node& ring::root(const identity::node_id& key) const { return *nearest(key, 1).front(); }

std::vector<node*> ring::nearest(const identity::node_id& key, std::size_t count) const {
  std::vector<node*> out;
  auto up = active_.lower_bound(key);
  auto down = up;
  for (std::size_t i = 0; i < std::min(count, active_.size()); ++i) {  // both ways around
    if (up == active_.end()) up = active_.begin();
    out.push_back((up++)->second);
    if (down == active_.begin()) down = active_.end();
    out.push_back((--down)->second);
  }
  const auto better = [&](const node* a, const node* b) { return nearer(a, b, key); };
  std::ranges::sort(out, better);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  if (out.size() > count) out.resize(count);
  return out;
}

identity::node_id ring::random_id() {
  identity::node_id id;
  world_.env().random(id.octets);
  return id;
}

std::vector<node*> ring::incomplete(std::size_t limit) const {
  std::vector<node*> out;
  const auto half = std::min<std::size_t>(options_.peer.leaf_set / 2, active_.empty() ? 0 : active_.size() - 1);
  for (auto i = active_.begin(); i != active_.end() && out.size() < limit; ++i) {
    std::vector<identity::node_id> left, right;
    auto up = i;
    auto down = i;
    for (std::size_t k = 0; k < half; ++k) {
      if (++up == active_.end()) up = active_.begin();
      right.push_back(up->first);
      if (down == active_.begin()) down = active_.end();
      left.push_back((--down)->first);
    }
    const auto s = i->second->peer->status();
    if (s.leaf_set.left != left || s.leaf_set.right != right) out.push_back(i->second);
  }
  return out;
}

}  // namespace phyllo::sim
