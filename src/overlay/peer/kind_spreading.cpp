#include "peer/kind_spreading.hpp"

#include <utility>

namespace phyllo::overlay {
namespace {

constexpr core::duration lesson_within = std::chrono::seconds(5);

}  // namespace

kind_spreading::kind_spreading(core::environment& env, const node_id& self, learnt_kinds& known, lower_layers& below, storage& served_by,
                               core::logger log)
    : env_(env),
      self_(self),
      known_(known),
      messenger_(below.messages()),
      links_(below.links()),
      ring_(below.ring()),
      storage_(served_by),
      log_(std::move(log)) {}

core::status kind_spreading::take(const std::vector<std::string>& blocks, const std::vector<identity::certificate>& signers) {
  auto taken = known_.take(blocks, signers, env_.now(), env_.wall_now());
  if (!taken.news) return taken.outcome;
  log_.info("{} Kinds beside those of the document", known_.size());
  storage_.use_kinds(known_.served());
  for (const auto& n : links_.peers()) push(n);
  return taken.outcome;
}

void kind_spreading::on_new_document() {
  known_.forget_defined();
  storage_.use_kinds(known_.served());
}

void kind_spreading::push(const node_id& to) {
  for (auto& m : known_.lesson_for(to))
    messenger_.requests().ask({destination::to_node(to)}, std::move(m), env_.now() + lesson_within, {}, {});
}

// A node that comes into the leaf set is to hold values of these Kinds.
void kind_spreading::teach_members() {
  if (known_.empty()) return;
  for (const auto& n : known_.untaught(ring_.members(), self_)) push(n);
}

}  // namespace phyllo::overlay
