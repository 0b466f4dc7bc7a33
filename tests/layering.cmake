# Must fail: asks intaglio_module() for a dependency on a later module (tests/CMakeLists.txt).
set(INTAGLIO_MODULES base codec)
include(${CMAKE_CURRENT_LIST_DIR}/../cmake/IntaglioModule.cmake)
intaglio_module(base DEPENDS codec)
