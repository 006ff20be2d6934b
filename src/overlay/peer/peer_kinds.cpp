// Of the peer: private Kinds that come by ConfigUpdate and not in the document (RFC 6940 s.6.5.4, s.7.4.1.2). A Kind that is known is never
// replaced: blocks have no order, and two of one Kind would chase each other through the overlay.
#include <algorithm>

#include "peer/make_topology.hpp"
#include "peer/peer_impl.hpp"
#include "reload/config_update_message.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t learnt_max = 64;
constexpr std::size_t block_bytes_max = 4096;
constexpr std::size_t blocks_of_a_message = 8;
constexpr kind_id first_private = 0xF0000001;  // "0xF0000001 - 0xFFFFFFFE: Private Use" (s.14.6)

std::vector<kind_id> unknown_kinds_of(const core::result<answer>& a) {
  if (!a || a->contents.code != code::error) return {};
  const auto e = read_error(a->contents);
  return e ? unknown_kinds_in(*e) : std::vector<kind_id>{};
}

message_contents to_message(std::vector<std::string> blocks) {
  const config_update_request c{.type = config_update_type::kind, .document = {}, .kinds = std::move(blocks)};
  message_contents m;
  m.code = code::config_update_req;
  m.body = c.print();
  return m;
}

}  // namespace

std::vector<kind> peer_impl::kinds_now() {
  auto all = configuration_.content.kinds;
  for (const auto& [id, block] : learnt_) all.push_back(block.definition);
  return kinds_of(all, trust_.overlay_name(), domain_rules_, hash_of(configuration_.content));
}

core::awaitable<core::status> peer_impl::adopt_kind(std::string block) { co_return take_kinds({block}, {}); }

// True: it is new.
core::result<bool> peer_impl::take_kind(const std::string& text, const std::vector<identity::certificate>& signers) {
  for (const auto& [id, known] : learnt_) {
    if (known.text == text) return false;
  }
  if (text.size() > block_bytes_max) return core::fail(errc::quota_exceeded, "a block of more than 4096 bytes");
  if (!kind_judgements_.take(env_.now())) return core::fail(errc::quota_exceeded, "too many Kinds at once");
  auto block = identity::parse_kind_block(text, configuration_, signers, env_.wall_now());
  if (!block) return core::fail(block.error());
  const auto& d = block->definition;
  const auto again = core::fail(errc::already_exists, "Kind " + std::to_string(d.id) + " is defined otherwise");
  const auto& required = configuration_.content.kinds;
  const auto in_document = std::ranges::find(required, d.id, &identity::kind_definition::id);
  if (in_document != required.end()) return *in_document == d ? core::result<bool>(false) : again;
  if (d.id < first_private) return core::fail(errc::forbidden, "the document alone says what holds for registered Kinds");
  if (find_kind(known_kinds(), d.id) != nullptr) return again;
  if (const auto known = learnt_.find(d.id); known != learnt_.end())
    return known->second.definition == d && known->second.signer == block->signer ? core::result<bool>(false) : again;
  if (!can_serve(d)) return core::fail(errc::unknown_kind, "data model " + d.data_model + ", policy " + d.access_control);
  if (learnt_.size() >= learnt_max) return core::fail(errc::quota_exceeded, "64 Kinds beside the document's");
  learnt_.emplace(d.id, std::move(*block));
  return true;
}

core::status peer_impl::take_kinds(const std::vector<std::string>& blocks, const std::vector<identity::certificate>& signers) {
  core::status out;
  bool news = false;
  for (const auto& text : blocks) {
    const auto taken = take_kind(text, signers);
    if (!taken) {
      out = core::fail(taken.error());
      break;
    }
    news = news || *taken;
  }
  if (!news) return out;
  log_.info("{} Kinds beside those of the document", learnt_.size());
  storage_->use_kinds(kinds_now());
  taught_.clear();
  for (const auto& n : links_.peers()) push_kinds(n);
  return out;
}

// Those that the new document defines itself, or whose signer it does not name any more.
void peer_impl::forget_kinds() {
  const auto& c = configuration_.content;
  std::erase_if(learnt_, [&](const auto& k) {
    const bool defined = std::ranges::find(c.kinds, k.first, &identity::kind_definition::id) != c.kinds.end();
    return defined || std::ranges::find(c.kind_signers, k.second.signer) == c.kind_signers.end();
  });
}

void peer_impl::push_kinds(const node_id& to) {
  taught_.insert(to);
  std::vector<std::string> blocks;
  const auto send = [&] {
    if (blocks.empty()) return;
    messenger_.request({destination::to_node(to)}, to_message(std::exchange(blocks, {})), env_.now() + 5s, {}, {});
  };
  for (const auto& [id, block] : learnt_) {
    blocks.push_back(block.text);
    if (blocks.size() == blocks_of_a_message) send();
  }
  send();
}

// A node that comes into the leaf set is to hold values of these Kinds.
void peer_impl::teach_members() {
  if (learnt_.empty()) return;
  const auto members = topology_->knows().members();
  std::erase_if(taught_, [&](const node_id& n) { return std::ranges::find(members, n, &member::node) == members.end(); });
  for (const auto& m : members) {
    if (m.node != self() && !taught_.contains(m.node)) push_kinds(m.node);
  }
}

// "A node which receives this error MUST generate a ConfigUpdate message which contains the appropriate Kind definition" (s.7.4.1.2).
// Nothing: none of them is known here.
std::optional<message_contents> peer_impl::definitions_of(const std::vector<kind_id>& kinds) const {
  std::vector<std::string> blocks;
  for (const auto id : kinds) {
    const auto known = learnt_.find(id);
    auto text = known != learnt_.end() ? known->second.text : identity::kind_block_of(configuration_, id);
    if (!text.empty() && blocks.size() < blocks_of_a_message) blocks.push_back(std::move(text));
  }
  if (blocks.empty()) return std::nullopt;
  return to_message(std::move(blocks));
}

// Only Kinds of ConfigUpdates can be unknown to a node of the same configuration, so that nothing is copied without them.
core::awaitable<core::result<answer>> peer_impl::ask(destination_list to, message_contents m, core::time_point deadline,
                                                     messenger::request_options o) {
  if (learnt_.empty()) co_return co_await await_answer(env_, messenger_, std::move(to), std::move(m), deadline, o);
  auto to_again = to;
  auto m_again = m;
  auto answered = co_await await_answer(env_, messenger_, std::move(to), std::move(m), deadline, o);
  const auto unknown = unknown_kinds_of(answered);
  if (unknown.empty()) co_return answered;
  auto definitions = definitions_of(unknown);
  if (!definitions) co_return answered;
  destination_list pupil{destination::to_node(answered->from)};
  const auto learnt = co_await await_answer(env_, messenger_, std::move(pupil), std::move(*definitions), deadline, o);
  if (!learnt || learnt->contents.code == code::error) co_return answered;
  co_return co_await await_answer(env_, messenger_, std::move(to_again), std::move(m_again), deadline, o);
}

void peer_impl::request_each(std::vector<node_id> to, message_contents m, core::time_point deadline, answer_handler on_answer) {
  if (!learnt_.empty()) {
    on_answer = [this, heard = std::move(on_answer)](node_id from, core::result<answer> a) {
      if (auto definitions = definitions_of(unknown_kinds_of(a)))
        messenger_.request({destination::to_node(from)}, std::move(*definitions), env_.now() + 5s, {}, {});
      heard(from, std::move(a));
    };
  }
  messenger_.request_each(std::move(to), std::move(m), deadline, std::move(on_answer));
}

}  // namespace phyllo::overlay
