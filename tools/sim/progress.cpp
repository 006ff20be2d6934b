#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace phyllo::simulate {
namespace {
constexpr int bar_width = 30;
constexpr auto shown_every = std::chrono::milliseconds(200);
}  // namespace

progress::progress(std::string what)
    : what_(std::move(what)), terminal_(isatty(STDERR_FILENO) == 1), began_(std::chrono::steady_clock::now()) {}

progress::~progress() {
  if (terminal_) fmt::print(stderr, "\r\033[K");
}

void progress::at(double done, double of) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - shown_ < shown_every) return;
  shown_ = now;
  const auto share = of > 0 ? std::clamp(done / of, 0.0, 1.0) : 0.0;
  const auto full = static_cast<int>(share * bar_width);
  const auto took = std::chrono::duration<double>(now - began_).count();
  const auto remaining = share > 0.01 ? fmt::format(", {:.0f} s left", took / share - took) : std::string();
  fmt::print(stderr, "\r\033[K{} [{:#<{}}{:-<{}}] {:3.0f} %{}", what_, "", full, "", bar_width - full, share * 100, remaining);
  std::fflush(stderr);
}

}  // namespace phyllo::simulate
