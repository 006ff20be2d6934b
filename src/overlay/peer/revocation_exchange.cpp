#include "peer/revocation_exchange.hpp"

#include <algorithm>

#include "phyllo/identity/errc.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t said_max = 4096;
constexpr std::size_t hints_max = 16;
constexpr std::size_t gift_bytes_max = 32'000;      // of one answer: half of the smallest max-message-size that is usual
constexpr std::size_t announced_bytes_max = 8'000;  // of a change that goes with its announcement
constexpr std::size_t leaves_asked = 32;
constexpr std::uint64_t anybody_one_in = 8;
constexpr float judgements_per_second = 5;
constexpr float judgements_burst = 50;
constexpr float gifts_per_second = 100;  // 3.2 MB
constexpr float gifts_burst = 200;

}  // namespace

revocation_exchange::revocation_exchange(core::environment& env, identity::trust& trust, head_reader read, core::metrics& metrics)
    : env_(env),
      trust_(trust),
      read_(std::move(read)),
      refused_(metrics.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", "revocations"}})),
      given_(metrics.get_counter("phyllo_revocation_pieces_total", "Pieces of the revocation list that were given to other nodes.")),
      said_(said_max, core::random_hash_key(env), &metrics.evictions("revocations")),
      judgements_(judgements_per_second, judgements_burst),
      gifts_(gifts_per_second, gifts_burst) {}

revocation_exchange::claim revocation_exchange::claim_of(const node_id& n) const {
  const auto* said = said_.find(n);
  return said != nullptr && said->number >= list().head().number ? *said : claim();
}

revocation_share revocation_exchange::share() const {
  if (list().whole()) return list().number() == 0 ? 0 : whole_share;
  if (!list().digests_known() || list().leaves() == 0) return 0;
  const auto held = list().leaves() - list().lacking().size();
  return held == 0 ? 0 : static_cast<revocation_share>(1 + held * (whole_share - 2) / list().leaves());
}

void revocation_exchange::note(const node_id& n, claim c) {
  hints_erase(n);
  if (c.number > list().head().number) {
    if (hints_.size() < hints_max) hints_.push_back(n);
    return;
  }
  said_.try_emplace(n).first = c;
}

void revocation_exchange::hints_erase(const node_id& n) { std::erase(hints_, n); }

// True: it is newer.
bool revocation_exchange::take_head(core::byte_view text) {
  const auto parsed = identity::parse_revocation_head(text);
  if (parsed && parsed->number <= list().head().number) return false;
  if (!parsed || !judgements_.take(env_.now())) {
    refused_.add();
    return false;
  }
  auto head = read_(text);
  if (!head) {
    refused_.add();
    return false;
  }
  return trust_.revocations().seek(std::move(*head));
}

// True: it has made the list whole.
bool revocation_exchange::take_delta(core::byte_view delta) {
  if (distrusted_ == list().head().number) return false;
  const auto d = identity::revocation_delta::decode(delta);
  if (d && d->from > list().number()) return false;  // honest, and of no use here
  if (d && trust_.revocations().apply(*d)) return true;
  refused_.add();
  distrusted_ = list().head().number;
  return false;
}

revocation_exchange::news revocation_exchange::on_announced(const node_id& from, core::byte_view announcement) {
  news n;
  const auto a = revocation_announcement::decode(announcement);
  if (!a) {
    refused_.add();
    return n;
  }
  n.head = take_head(a->head);
  const auto named = identity::parse_revocation_head(a->head);
  if (named) note(from, {named->number, a->share});
  if (named && named->number == list().head().number && !list().whole() && !a->delta.empty()) n.content = take_delta(a->delta);
  n.useful = n.head || n.content;
  return n;
}

core::result<revocation_exchange::news> revocation_exchange::take(identity::revocation_list::next next) {
  auto& list = trust_.revocations();
  if (!list.seek(std::move(next.head))) return core::fail(identity::errc::older_document, "a revocation list of a lower number");
  if (auto done = list.apply(next.delta); !done) return core::fail(done.error());
  return news{true, true, true};
}

core::bytes revocation_exchange::answer(const node_id& from, core::byte_view question) {
  const auto q = revocation_question::decode(question);
  if (!q) {
    refused_.add();
    return {};
  }
  note(from, {q->sought, q->share});
  return make_answer(*q).encode();
}

revocation_answer revocation_exchange::make_answer(const revocation_question& q) {
  revocation_answer a;
  a.number = list().head().number;
  a.share = share();
  if (a.number == 0 || q.sought > a.number || (q.want == revocation_want::newest && q.number == a.number)) return a;
  if (a.number > q.sought) a.head = list().head().text;
  if (!gifts_.take(env_.now())) return a;
  if (a.number > q.sought || q.want == revocation_want::newest) {
    give_newest(q, a);
  } else if (q.want == revocation_want::digests) {
    a.content = list().digests();
    if (!a.content.empty()) a.gift = revocation_gift::digests;
  } else {
    give_leaves(q, a);
  }
  if (a.gift != revocation_gift::nothing) given_.add();
  return a;
}

void revocation_exchange::give_newest(const revocation_question& q, revocation_answer& a) {
  if (const auto d = list().since(q.number)) {
    a.content = d->encode();
    if (a.content.size() <= gift_bytes_max) {
      a.gift = revocation_gift::delta;
      return;
    }
  }
  a.content = list().digests();
  if (!a.content.empty()) a.gift = revocation_gift::digests;
}

void revocation_exchange::give_leaves(const revocation_question& q, revocation_answer& a) {
  std::size_t size = 0;
  for (const auto index : q.leaves) {
    const auto entries = list().leaf(index);
    if (!entries) continue;
    if (!a.leaves.empty() && size + entries->size() > gift_bytes_max) break;
    size += entries->size() + 4;
    a.leaves.push_back({index, core::to_bytes(*entries)});
    if (a.leaves.size() >= leaves_asked) break;
  }
  if (!a.leaves.empty()) a.gift = revocation_gift::leaves;
}

bool revocation_exchange::behind() const { return !list().whole() || !hints_.empty(); }

// Who claims to know more; else, of two at random that claim to hold some of the list, the one that holds more. Now and then anybody, and
// where nobody is known to hold anything: who has something may not have said so.
std::optional<node_id> revocation_exchange::choose(const std::vector<node_id>& linked) {
  while (!hints_.empty()) {  // ends with one that is linked, or with none
    const auto n = hints_.front();
    if (std::ranges::find(linked, n) != linked.end()) return n;
    hints_.pop_front();
  }
  if (linked.empty()) return std::nullopt;
  std::vector<node_id> holding;
  std::ranges::copy_if(linked, std::back_inserter(holding), [this](const node_id& n) { return claim_of(n).share != 0; });
  const auto one_of = [this](const std::vector<node_id>& nodes) { return nodes[core::random_u64(env_) % nodes.size()]; };
  if (holding.empty() || core::random_u64(env_) % anybody_one_in == 0) return one_of(linked);
  const auto a = one_of(holding);
  const auto b = one_of(holding);
  return claim_of(a).share >= claim_of(b).share ? a : b;
}

core::bytes revocation_exchange::question() {
  revocation_question q;
  q.number = list().number();
  q.sought = list().head().number;
  q.share = share();
  if (list().whole() || !hints_.empty()) return q.encode();
  if (!list().digests_known()) {
    // A change is a fraction of the digests. One whose change was a lie is not asked for another.
    q.want = distrusted_ == q.sought ? revocation_want::digests : revocation_want::newest;
    return q.encode();
  }
  q.want = revocation_want::leaves;
  auto lacking = list().lacking();
  for (std::size_t i = 0; i < std::min(lacking.size(), leaves_asked); ++i) {  // at random, so that neighbours have different ones to give
    std::swap(lacking[i], lacking[i + core::random_u64(env_) % (lacking.size() - i)]);
    q.leaves.push_back(lacking[i]);
  }
  return q.encode();
}

revocation_exchange::news revocation_exchange::on_answer(const node_id& from, core::byte_view answer) {
  news n;
  hints_erase(from);
  const auto a = revocation_answer::decode(answer);
  if (!a) {
    refused_.add();
    return n;
  }
  if (!a->head.empty()) n.head = take_head(a->head);
  // Who has nothing to give, whatever he claims, is asked no more until he claims it again.
  if (a->number <= list().head().number)
    note(from, {a->number, a->gift == revocation_gift::nothing && !list().whole() ? revocation_share(0) : a->share});
  const auto before = list().size();
  const auto held = share();
  auto& mine = trust_.revocations();
  if (!list().whole() && a->number == list().head().number) {
    if (a->gift == revocation_gift::delta) n.content = take_delta(a->content);
    if (a->gift == revocation_gift::digests && !list().digests_known()) n.useful = mine.take_digests(a->content).has_value();
    for (const auto& l : a->leaves) {
      if (mine.take_leaf(l.index, l.entries)) n.content = true;
    }
  }
  n.content = n.content || list().size() != before;
  n.useful = n.useful || n.head || n.content;
  const auto holds = share();
  n.share = !n.head && held != holds && (held == 0 || holds == whole_share);
  return n;
}

core::bytes revocation_exchange::announcement() const {
  if (list().head().number == 0) return {};
  revocation_announcement a{list().head().text, {}, share()};
  if (const auto d = list().last_change()) {
    a.delta = d->encode();
    if (a.delta.size() > announced_bytes_max) a.delta.clear();
  }
  return a.encode();
}

std::vector<node_id> revocation_exchange::audience(subject what, const std::vector<node_id>& first, std::vector<node_id> others,
                                                   std::size_t count) {
  std::vector<node_id> out;
  const auto knows = [&](const node_id& n) {
    const auto c = claim_of(n);
    return what == subject::head ? c.number != 0 : c.share == whole_share;
  };
  const auto add = [&](const node_id& n) {
    if (out.size() < count && !knows(n) && std::ranges::find(out, n) == out.end()) out.push_back(n);
  };
  for (const auto& n : first) add(n);
  while (out.size() < count && !others.empty()) {  // ends with enough, or with all asked
    std::swap(others[core::random_u64(env_) % others.size()], others.back());
    add(others.back());
    others.pop_back();
  }
  return out;
}

}  // namespace phyllo::overlay
