#include "peer/learnt_kinds.hpp"

#include <algorithm>
#include <utility>

#include "peer/make_topology.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/config_update_message.hpp"
#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t learnt_max = 64;
constexpr std::size_t block_bytes_max = 4096;
constexpr std::size_t blocks_of_a_message = 8;
constexpr kind_id first_private = 0xF0000001;  // "0xF0000001 - 0xFFFFFFFE: Private Use" (s.14.6)

message_contents to_message(std::vector<std::string> blocks) {
  const config_update_request c{.type = config_update_type::kind, .document = {}, .kinds = std::move(blocks)};
  message_contents m;
  m.code = code::config_update_req;
  m.body = c.encode();
  return m;
}

}  // namespace

std::vector<kind> learnt_kinds::served() {
  auto all = document_.content.kinds;
  for (const auto& [id, block] : learnt_) all.push_back(block.definition);
  return kinds_of(all, overlay_name_, domain_rules_, hash_of(document_.content));
}

learnt_kinds::taking learnt_kinds::take(const std::vector<std::string>& blocks, const std::vector<identity::certificate>& signers,
                                        core::time_point now, core::wall_time date) {
  taking out;
  for (const auto& text : blocks) {
    const auto taken = take_one(text, signers, now, date);
    if (!taken) {
      out.outcome = core::fail(taken.error());
      break;
    }
    out.news = out.news || *taken;
  }
  if (out.news) taught_.clear();
  return out;
}

core::result<bool> learnt_kinds::take_one(const std::string& text, const std::vector<identity::certificate>& signers, core::time_point now,
                                          core::wall_time date) {
  for (const auto& [id, known] : learnt_) {
    if (known.text == text) return false;
  }
  if (text.size() > block_bytes_max) return core::fail(errc::quota_exceeded, "a block of more than 4096 bytes");
  if (!judgements_.take(now)) return core::fail(errc::quota_exceeded, "too many Kinds at once");
  auto block = identity::parse_kind_block(text, document_, signers, date);
  if (!block) return core::fail(block.error());
  auto taken = judge(*block);
  if (taken && *taken) learnt_.emplace(block->definition.id, std::move(*block));
  return taken;
}

core::result<bool> learnt_kinds::judge(const identity::kind_block& block) const {
  const auto& d = block.definition;
  const auto again = core::fail(errc::already_exists, "Kind " + std::to_string(d.id) + " is defined otherwise");
  const auto& required = document_.content.kinds;
  const auto in_document = std::ranges::find(required, d.id, &identity::kind_definition::id);
  if (in_document != required.end()) return *in_document == d ? core::result<bool>(false) : again;
  if (d.id < first_private) return core::fail(errc::forbidden, "the document alone says what holds for registered Kinds");
  if (find_kind(known_kinds(), d.id) != nullptr) return again;
  if (const auto known = learnt_.find(d.id); known != learnt_.end())
    return known->second.definition == d && known->second.signer == block.signer ? core::result<bool>(false) : again;
  if (!can_serve(d)) return core::fail(errc::unknown_kind, "data model " + d.data_model + ", policy " + d.access_control);
  if (learnt_.size() >= learnt_max) return core::fail(errc::quota_exceeded, "64 Kinds beside the document's");
  return true;
}

void learnt_kinds::forget_defined() {
  const auto& c = document_.content;
  std::erase_if(learnt_, [&](const auto& k) {
    const bool defined = std::ranges::find(c.kinds, k.first, &identity::kind_definition::id) != c.kinds.end();
    return defined || std::ranges::find(c.kind_signers, k.second.signer) == c.kind_signers.end();
  });
}

std::vector<message_contents> learnt_kinds::lesson_for(const node_id& n) {
  taught_.insert(n);
  std::vector<message_contents> out;
  std::vector<std::string> blocks;
  for (const auto& [id, block] : learnt_) {
    blocks.push_back(block.text);
    if (blocks.size() == blocks_of_a_message) out.push_back(to_message(std::exchange(blocks, {})));
  }
  if (!blocks.empty()) out.push_back(to_message(std::move(blocks)));
  return out;
}

std::vector<node_id> learnt_kinds::untaught(const std::vector<member>& members, const node_id& self) {
  std::erase_if(taught_, [&](const node_id& n) { return std::ranges::find(members, n, &member::node) == members.end(); });
  std::vector<node_id> out;
  for (const auto& m : members) {
    if (m.node != self && !taught_.contains(m.node)) out.push_back(m.node);
  }
  return out;
}

std::optional<message_contents> learnt_kinds::definitions_of(const std::vector<kind_id>& kinds) const {
  std::vector<std::string> blocks;
  for (const auto id : kinds) {
    const auto known = learnt_.find(id);
    auto text = known != learnt_.end() ? known->second.text : identity::kind_block_of(document_, id);
    if (!text.empty() && blocks.size() < blocks_of_a_message) blocks.push_back(std::move(text));
  }
  if (blocks.empty()) return std::nullopt;
  return to_message(std::move(blocks));
}

std::vector<kind_id> unknown_kinds_of(const core::result<answer>& a) {
  if (!a || a->contents.code != code::error) return {};
  const auto e = read_error(a->contents);
  return e ? unknown_kinds_in(*e) : std::vector<kind_id>{};
}

}  // namespace phyllo::overlay
