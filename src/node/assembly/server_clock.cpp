#include "assembly/server_clock.hpp"

namespace phyllo::node {
namespace {

constexpr core::duration clock_tolerance = std::chrono::minutes(1);  // the overlay's

}  // namespace

std::string text_of_wrong_clock(const core::told_time& told, core::duration own) {
  const auto ahead = told.shows - own;
  if (std::chrono::abs(ahead) <= clock_tolerance) return {};
  return core::text_of_difference(ahead, "that of the server " + told.by);
}

enrollment::time_listener server_clock::listener() {
  return [this](core::told_time t) { hear(std::move(t)); };
}

void server_clock::hear(core::told_time t) {
  told_ = t;
  if (peer_ != nullptr) return peer_->hear_time(std::move(t));
  if (const auto text = wrong(); !text.empty()) log_.warning("{}", text);
}

void server_clock::tell(overlay::peer& p) {
  peer_ = &p;
  if (told_) p.hear_time(*told_);
}

std::string server_clock::wrong() const {
  if (!told_) return {};
  return text_of_wrong_clock(
      *told_, std::chrono::duration_cast<core::duration>(env_.wall_now().time_since_epoch()) - env_.now().time_since_epoch());
}

}  // namespace phyllo::node
