#pragma once

// Names a type without the header that declares it.
inline std::string text() { return "bad"; }
