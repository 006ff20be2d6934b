#include "chord/chord_attaches.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

core::duration pause_after(unsigned failures) {
  return std::min<core::duration>(chord_attaches::pause_max, chord_attaches::pause_min * (1U << std::min(failures - 1, 16U)));
}

}  // namespace

bool chord_attaches::may_try(const node_id& n, core::time_point now) const {
  if (open_.contains(n)) return false;
  const auto* f = failed_.find(n);
  return f == nullptr || now >= f->until;
}

bool chord_attaches::begin(const attempt& a, core::time_point now) {
  if (!may_try(a.node, now) || open_.size() >= open_max) return false;
  open_.emplace(a.node, a.via);
  again_.erase(a.node);
  return true;
}

void chord_attaches::succeeded(const node_id& n) {
  open_.erase(n);
  failed_.erase(n);
  again_.erase(n);
}

void chord_attaches::failed(const node_id& n, bool again, core::time_point now) {
  const auto tried = open_.extract(n);
  auto& f = failed_.try_emplace(n).first;
  f.until = now + pause_after(++f.times);
  if (!again || f.times > tries_max || again_.size() >= again_max) return;
  again_[n] = {f.until, tried.empty() ? std::nullopt : tried.mapped()};
}

std::vector<chord_attaches::attempt> chord_attaches::take_due(core::time_point now) {
  std::vector<attempt> out;
  std::erase_if(again_, [&](const auto& a) {
    if (now < a.second.at) return false;
    out.push_back({a.first, a.second.via});
    return true;
  });
  return out;
}

core::time_point chord_attaches::next_due() const {
  auto due = core::time_point::max();
  for (const auto& [n, p] : again_) due = std::min(due, p.at);
  return due;
}

}  // namespace phyllo::overlay
